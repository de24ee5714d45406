import { build } from "vite";

/** The tests look at the page as it is shipped. */
export async function setup(): Promise<void> {
  // A test runner's own setting would build the library's slower and larger development form.
  process.env.NODE_ENV = "production";
  await build({ logLevel: "warn" });
}
