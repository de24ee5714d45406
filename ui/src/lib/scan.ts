/** Finds a QR code in a picture or before the camera. The library is loaded when it is wanted. */

/** Photographs are larger than what a code needs to be read, and slower. */
const SIDE_MAX = 1_200;

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

function smaller(picture: ImageBitmap): HTMLCanvasElement {
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
