/**
 * Stands in for the key and hash code that the client library imports. Weir's own program (or the
 * launcher) signs for the member, so the page would only load it, and compile it, for nothing.
 * Should a caller ever reach it, it fails instead of pretending.
 */
export default function absent(): never {
  throw new Error("keys and hashes are handled by Weir's program, not in the page");
}
