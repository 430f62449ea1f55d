/** DMARC by others: Mail::DMARC (libmail-dmarc-perl), over a zone of the test's; no DNS is asked. It is of RFC 7489. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { Zone } from "../../service/origin/zone.ts";
import { run } from "./programs.ts";

export interface DmarcQuestion {
  readonly zone: Zone;
  /** The field's content. */
  readonly from: string;
  readonly spf: { readonly domain: string; readonly result: string };
  /** d= of the signatures that hold. */
  readonly signers: readonly string[];
}

/** In the place of Net::DNS::Resolver. Of the list of public suffixes it goes by, "example" is one here. */
const PERL = String.raw`
use strict; use warnings;
use JSON::PP;
use Net::DNS::Packet; use Net::DNS::RR;
use Mail::DMARC::PurePerl;

package Zone;
sub new { my ($class, $zone) = @_; return bless { zone => $zone }, $class }
sub send {
  my ($self, $name, $type) = @_;
  my $records = $self->{zone}{lc $name} || {};
  return if $records->{fails} && $records->{fails}[0] eq $type;
  my $packet = Net::DNS::Packet->new($name, $type);
  for my $value (@{ $records->{$type} || [] }) {
    my %data = $type eq "TXT" ? (txtdata => [$value]) : (address => $value);
    $packet->push(answer => Net::DNS::RR->new(name => $name, type => $type, %data));
  }
  return $packet;
}
sub query {
  my $packet = $_[0]->send(@_[1, 2]);
  return $packet && $packet->answer ? $packet : undef;
}

package main;
no warnings "redefine";
my $listed = \&Mail::DMARC::Base::is_public_suffix;
*Mail::DMARC::Base::is_public_suffix = sub { $_[1] eq "example" || $listed->(@_) };

sub validated {
  my ($question) = @_;
  my $dmarc = Mail::DMARC::PurePerl->new;
  $dmarc->config->{report_store}{auto_save} = 0;
  $dmarc->set_resolver(Zone->new($question->{zone}));
  $dmarc->source_ip("198.51.100.7");
  $dmarc->envelope_to("local.example");
  $dmarc->header_from_raw($question->{from});
  my $signed = [map { { domain => $_, selector => "s", result => "pass" } } @{ $question->{signers} }];
  $dmarc->dkim($signed) if @$signed;
  $dmarc->spf(scope => "mfrom", %{ $question->{spf} });
  return $dmarc->validate;
}

sub judged {
  my $result = eval { validated(@_) } or return "no result";
  my $said = $result->result;
  return $said eq "fail" ? "fail " . lc $result->disposition : $said;
}

local $/;
print encode_json([map { judged($_) } @{ decode_json(<STDIN>) }]);
`;

const Judged = z.array(z.string());

/** "pass", "none", or "fail" with what is done about it; "no result" where it gives up. */
export async function perlDmarc(questions: readonly DmarcQuestion[]): Promise<readonly string[]> {
  const input = JSON.stringify(questions);
  const { code, stdout, said } = await run("/usr/bin/perl", ["-e", PERL], { input });
  assert.equal(code, 0, said);
  return Judged.parse(JSON.parse(stdout.toString()));
}
