import { expect, test } from "vitest";
import { isPrivateAddress, isPrivateHost } from "../../../../server/src/storage/privateHost.ts";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "198.18.0.1",
  "192.0.0.1",
  "::1",
  "::",
  "[::1]",
  "fe80::1",
  "fe80::1%eth0",
  "fc00::1",
  "fd12:3456::1",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
])("%s is private", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
  expect(isPrivateHost(address)).toBe(true);
});

test.each([
  "8.8.8.8",
  "172.32.0.1",
  "100.128.0.1",
  "169.253.1.1",
  "2001:4860:4860::8888",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
])("%s is public", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
  expect(isPrivateHost(address)).toBe(false);
});

test.each(["localhost", "LOCALHOST.", "a.localhost", "printer.local", "metadata.google.internal", "intranet"])(
  "the name %s is private",
  (name) => {
    expect(isPrivateHost(name)).toBe(true);
  },
);

test.each([
  "example.org",
  "storage.googleapis.com",
  "10.example.org",
  "localhost.example.org",
  "1.2.3.4.5",
  "300.1.1.1",
])("the name %s is not private by itself", (name) => {
  expect(isPrivateHost(name)).toBe(false);
  expect(isPrivateAddress(name)).toBe(false);
});
