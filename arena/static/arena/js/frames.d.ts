/**
 * The frames of a room's socket, as docs/protocol.md has them. Types only: no browser loads this.
 * tests/data/frames.json holds one example of each, and tests on both sides read it.
 */

export type Pane = "A" | "B";
export type Format = "two_party" | "three_party";
export type Phase = "lobby" | "live" | "paused" | "ended";
export type SeatLabel = "interrogator" | "witness";
export type From = "me" | "them";

/** A moment in ISO 8601, in UTC. */
export type Moment = string;

/** Who is the human: a pane, or in a two-party room whether the witness is. */
export type Answer = Pane | boolean;

export type EndReason =
  | "verdict"
  | "time_up"
  | "withdrawn"
  | "dropped_out"
  | "no_show"
  | "technical"
  | "stood_down";

/** What the interrogator believed, and when. */
export interface Belief {
  p: number;
  at: Moment;
}

/** The last event that the seat has read, and how many of the other side's messages came since (at most 100 are counted). */
export interface Unread {
  after: string | null;
  n: number;
}

export interface RoomFrame {
  is: "room";
  v: number;
  seat: SeatLabel;
  format: Format;
  phase: Phase;
  panes: Pane[];
  started_at: Moment | null;
  ends_at: Moment | null;
  now: Moment;
  limits: { message_chars: number };
  /** For the interrogator only: its last belief, and how many messages it has written in each pane. */
  belief?: Belief | null;
  said?: Partial<Record<Pane, number>>;
  /** For the interrogator only: since when a question for its belief waits. */
  asked?: { at: Moment } | null;
  /** Once the room has begun; of each pane, and for a witness of its one conversation. */
  unread?: Unread | Partial<Record<Pane, Unread>>;
  /** In studies with rounds only. */
  round?: { began_at: Moment | null; ends_at: Moment | null };
  /** In the lobby only. */
  consent?: { text: string; sha256: string };
  ready?: boolean;
}

interface Shown<Kind extends string> {
  is: "event";
  id: string;
  at: Moment;
  kind: Kind;
  from: From;
}

export interface MessageFrame extends Shown<"message"> {
  /** For the interrogator only: a witness has one conversation. */
  pane?: Pane;
  text: string;
}

export interface BeliefFrame extends Shown<"belief"> {
  p: number;
}

export type BeliefAskedFrame = Shown<"belief_asked">;

export interface TagFrame extends Shown<"tag"> {
  event: string;
  strategies: string[];
}

export interface VerdictFrame extends Shown<"verdict"> {
  human: Answer;
  confidence: number;
  reason: string;
}

export type EventFrame = MessageFrame | BeliefFrame | BeliefAskedFrame | TagFrame | VerdictFrame;

/** What comes from here to the `synced` of the same `re` answers a `history`. */
export interface PageFrame {
  is: "page";
  re: string;
}

export interface SyncedFrame {
  is: "synced";
  earlier: boolean;
  /** Whether more has happened since than was sent: then sync again. */
  later?: boolean;
  /** The `id` of the `history` that this answers. */
  re?: string;
}

export interface AckFrame {
  is: "ack";
  re: string;
  event: string;
}

export interface ErrorFrame {
  is: "error";
  re: string | null;
  code: string;
  message: string;
}

export interface PongFrame {
  is: "pong";
  now: Moment;
}

export interface EndedFrame {
  is: "ended";
  reason: EndReason;
}

export interface RevealFrame {
  is: "reveal";
  human: Answer;
  seal: { sha256: string; assignment: string; nonce: string };
}

/** What comes from the server. */
export type Frame =
  | RoomFrame
  | EventFrame
  | PageFrame
  | SyncedFrame
  | AckFrame
  | ErrorFrame
  | PongFrame
  | EndedFrame
  | RevealFrame;

/** A command that is stored: repeated with its id until it is answered. */
/** How a witness wrote a message, where the study records it: counts, and times in milliseconds. */
export interface HowTyped {
  keys: number;
  pastes: number;
  pasted_chars: number;
  away: number;
  away_ms: number;
  writing_ms: number;
  pause_p50_ms: number | null;
  pause_p90_ms: number | null;
}

export type StoredCommand =
  | { do: "ready"; id: string; consent: string }
  | { do: "say"; id: string; pane?: Pane; text: string; typed?: HowTyped }
  | { do: "belief"; id: string; p: number }
  | { do: "tag"; id: string; event: string; strategies: string[] }
  | { do: "read"; id: string; event: string }
  | { do: "verdict"; id: string; human: Answer; confidence: number; reason: string }
  | { do: "leave"; id: string };

/** Where a page of history is: before or after an event, or from a moment on. */
export type Anchor = { before: string } | { after: string } | { at: Moment };

/** What goes to the server. */
export type Command =
  | StoredCommand
  | { do: "sync"; after: string | null }
  | ({ do: "history"; limit: number; pane?: Pane; id?: string } & Anchor)
  | { do: "ping" };
