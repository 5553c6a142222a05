/** A message of the findings queue that has to wait, and how it comes back. */
export interface WaitingMessage {
  /** As it came, event or not. */
  readonly body: string;
  readonly accountId: string;
  /** How often it has waited, this time counted; 0 where it only goes into the group of its account. */
  readonly waits: number;
}

/** Where a message waits without using up its attempts. */
export interface WaitingMessages {
  /** @param seconds until it comes again, 0 to 900 */
  sendLater(message: WaitingMessage, seconds: number): Promise<void>;
}
