/** Tells a chat channel; the text is already in the chat's own schema. */
export interface ChatNotifier {
  publish(message: string): Promise<void>;
}
