/** One attempt at handing mail over: where to, by which connection, and what became of each recipient. Knows no queue. */
export { openDelivery, type DeliveryDeps } from "./delivery.ts";
export type { Attempt, Carried, Delivery, Parcel, ParcelRecipient } from "./parcel.ts";
export { openRoutes } from "./routes.ts";
export type { RouteSetting, RoutesSettings } from "./route-settings.ts";
export type { DeliverySettings } from "./settings.ts";
