/** The package's main entry: importing it does nothing, in a browser or elsewhere. */

export { define, RedariumPlayground } from "./playground.ts";
export type { CheckResult, Difference, PlaygroundEvents } from "./events.ts";
