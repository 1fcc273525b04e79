import chromium from "@sparticuz/chromium";

/** Unpacks the browser, once on a machine, and tells the tests where it is. */
export default async function unpack(): Promise<void> {
  process.env.CHROMIUM_PATH ??= await chromium.executablePath();
}
