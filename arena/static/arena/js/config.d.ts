/** What the server writes into the room page for its script. Types only: no browser loads this. */
import type { Format, Moment, SeatLabel } from "./frames.js";

export interface Strategy {
  id: string;
  label: string;
  meaning: string;
}

/** What a long room asks of a seat, and how it stands. */
export interface AttendanceConfig {
  settings_path: string;
  cadence_s: number;
  last_words_at: Moment | null;
  away_until: Moment | null;
}

export interface RoomConfig extends Partial<AttendanceConfig> {
  code: string;
  seat: SeatLabel;
  format: Format;
  title: string;
  duration_s: number;
  message_chars: number;
  strategies: Strategy[];
  /** Of a witness only. */
  may_paste?: boolean;
  records_typing?: boolean;
  ws_path: string;
}
