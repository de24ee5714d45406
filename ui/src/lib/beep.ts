/** Two short tones. Browsers make sound only after the member has touched the page once. */
const TONES = [
  { hertz: 660, at: 0 },
  { hertz: 880, at: 0.16 },
];
const LENGTH_S = 0.14;
const VOLUME = 0.2;

let context: AudioContext | null = null;

export function beep(): void {
  const audio = awake();
  if (!audio) return;
  for (const { hertz, at } of TONES) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const start = audio.currentTime + at;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(VOLUME, start);
    // A tone that ends at once would click.
    volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + LENGTH_S);
  }
}

/** After a reload sound is allowed again at the first touch. */
export function mayBeep(): void {
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, awake, { once: true });
}

/** Null in a browser that makes no sound. */
function awake(): AudioContext | null {
  if (!("AudioContext" in globalThis)) return null;
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  return context;
}
