/** Rows of relay tests as the cases and the child process make them. */
import type {
  RelayTest,
  RelayTestCase,
  RelayTestOutcome,
  RelayTestReturn,
} from "../../src/store/index.ts";

export function relayTest(id: string, parts: Partial<RelayTest> = {}): RelayTest {
  return {
    id,
    about: "mx.example.org",
    target: "MX.example.org:25",
    at: 1000,
    holder: "process 1",
    asked: '{"mine":true}',
    ...parts,
  };
}

export function expected(token: string, at = 1001): RelayTestCase {
  return { token, at, planned: `{"key":"EHLO ${token}"}` };
}

export function outcomeOf(token: string, at = 1002): RelayTestOutcome {
  return { token, at, outcome: '{"grade":"closed"}' };
}

export function returnOf(token: string, parts: Partial<RelayTestReturn> = {}): RelayTestReturn {
  return { token, kind: "relay", at: 1003, way: '{"from":"192.0.2.1"}', ...parts };
}
