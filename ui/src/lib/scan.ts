/** Finds a QR code in a picture or before the camera. The library is loaded when it is wanted. */

/** Photographs are larger than what a code needs to be read, and slower. */
const SIDE_MAX = 1_200;
/** A camera gives many pictures: smaller ones are read soon enough to follow a hand. */
const VIEW_MAX = 800;
const SCANS_PER_SECOND = 10;

/** The text of the code in a picture; null when there is none. */
export async function readPicture(file: Blob): Promise<string | null> {
  const { default: QrScanner } = await import("qr-scanner");
  const options = { returnDetailedScanResult: true } as const;
  try {
    const picture = await createImageBitmap(file);
    return (await QrScanner.scanImage(smaller(picture), options)).data;
  } catch {
    return null;
  }
}

/** Shows the camera in `video` and tells what it reads; gives what ends it. */
export async function watchCamera(
  video: HTMLVideoElement,
  found: (text: string) => void,
): Promise<() => void> {
  const { default: QrScanner } = await import("qr-scanner");
  // While the page is hidden the scanner switches the camera off by itself.
  const scanner = new QrScanner(video, ({ data }) => found(data), {
    returnDetailedScanResult: true,
    calculateScanRegion: wholeView,
    maxScansPerSecond: SCANS_PER_SECOND,
  });
  const end = () => {
    void scanner.pause(true);
    scanner.destroy();
  };
  try {
    await scanner.start();
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

/** The scanner looks at the middle only unless it is told otherwise; codes are held closer. */
function wholeView({ videoWidth: width, videoHeight: height }: HTMLVideoElement) {
  const scale = Math.min(1, VIEW_MAX / Math.max(width, height, 1));
  const [downScaledWidth, downScaledHeight] = [width, height].map((side) =>
    Math.round(side * scale),
  );
  return { x: 0, y: 0, width, height, downScaledWidth, downScaledHeight };
}

function smaller(picture: ImageBitmap): HTMLCanvasElement {
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
