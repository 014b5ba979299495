/** What the element tells the page, as events that bubble and cross shadow roots. */

export interface PlaygroundEvents {
  "redarium-ready": Record<string, never>;
  "redarium-command": { command: string };
  "redarium-reply": { command: string; text: string; isError: boolean; elapsedUs: number };
  "redarium-message": { text: string };
  "redarium-tick": { nowUs: number };
  "redarium-check": CheckResult;
  "redarium-error": { message: string };
}

/** How a transcript's run compares with what it says. */
export interface CheckResult {
  passed: boolean;
  /** Commands that were run. */
  commands: number;
  differences: readonly Difference[];
}

export interface Difference {
  /** Of the transcript, counted from 1. */
  line: number;
  command: string;
  expected: string;
  actual: string;
}

export const EVENTS: { readonly [Name in keyof PlaygroundEvents]: string } = {
  "redarium-ready": "The engine is there and takes commands.",
  "redarium-command": "A command was sent.",
  "redarium-reply": "A command was answered.",
  "redarium-message": "Something came unasked: a message of a channel, a line of MONITOR.",
  "redarium-tick": "Virtual time has moved.",
  "redarium-check": "The transcript was run to its end and compared with what it says.",
  "redarium-error": "Something is wrong; the message is shown in the element too.",
};

export type Emit = <Name extends keyof PlaygroundEvents>(name: Name, detail: PlaygroundEvents[Name]) => void;
