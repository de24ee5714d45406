/** Moves focus to the heading: the control that had it is gone, or the member skips to it. */
export function focusTitle(): void {
  document.querySelector("h1")?.focus();
}
