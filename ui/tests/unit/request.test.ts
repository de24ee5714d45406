import { expect, test } from "vitest";
import { newRequest } from "../../src/lib/request.ts";

test("a request id is a UUID of version 7 that carries its time", () => {
  const made = Date.UTC(2026, 10, 21, 9, 30);
  const request = newRequest(made);
  expect(request).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseInt(request.replaceAll("-", "").slice(0, 12), 16)).toBe(made);
});

test("request ids differ and sort by time", () => {
  expect(newRequest(5)).not.toBe(newRequest(5));
  expect(newRequest(1_000_000) < newRequest(2_000_000)).toBe(true);
});
