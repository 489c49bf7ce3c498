import { expect, test } from "vitest";
import {
  aclOf,
  awsEndpoint,
  bucketUrl,
  encodeS3,
  endpointOfEnvironment,
  isRegion,
  serviceAt,
} from "../../../../../server/src/storage/s3/place.ts";

test("a bucket is in the host's name with Amazon, where it fits there", () => {
  const aws = serviceAt(undefined, {}, awsEndpoint);
  expect(bucketUrl(aws, "us-east-1", "my-bucket")).toBe("https://my-bucket.s3.us-east-1.amazonaws.com/");
  expect(bucketUrl(aws, "eu-west-1", "my.bucket")).toBe("https://s3.eu-west-1.amazonaws.com/my.bucket/");
  expect(bucketUrl(aws, "us-east-1", "Old_Bucket")).toBe("https://s3.us-east-1.amazonaws.com/Old_Bucket/");
  expect(bucketUrl(aws, "cn-north-1", "b-1")).toBe("https://b-1.s3.cn-north-1.amazonaws.com.cn/");
  expect(bucketUrl(serviceAt("https://host:9000", {}, awsEndpoint), "x", "b-1")).toBe("https://host:9000/b-1/");
});

test("the environment names an endpoint as the SDKs read it", () => {
  expect(endpointOfEnvironment({})).toBeUndefined();
  expect(endpointOfEnvironment({ AWS_ENDPOINT_URL: "http://a:1/" })).toBe("http://a:1");
  expect(endpointOfEnvironment({ AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "http://b" })).toBe("http://b");
  const ignored = { AWS_ENDPOINT_URL: "http://a", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  expect(endpointOfEnvironment(ignored)).toBeUndefined();
  expect(endpointOfEnvironment({ AWS_ENDPOINT_URL: "nonsense" })).toBeUndefined();
});

test("regions", () => {
  for (const region of ["us-east-1", "ap-southeast-5", "us-gov-west-1", "cn-north-1", "il-central-1"]) {
    expect(isRegion(region)).toBe(true);
  }
  for (const text of ["", "EU", "us-east-1.evil", "us-east-1/", "a@b", "us-east-123"]) {
    expect(isRegion(text)).toBe(false);
  }
});

test("keys are encoded as signatures want them", () => {
  expect(encodeS3("a b/c+d!'()*~-_.é")).toBe("a%20b/c%2Bd%21%27%28%29%2A~-_.%C3%A9");
});

test("the SDK's own keys are for Amazon and for the endpoint that the environment names", () => {
  const environment = { AWS_ENDPOINT_URL: "http://lab:9000/" };
  const takesChain = (endpoint: string | undefined, variables = {}): boolean =>
    serviceAt(endpoint, variables, awsEndpoint).takesChain;
  expect([takesChain(undefined), takesChain("https://s3.amazonaws.com"), takesChain("https://host")]).toEqual([
    true,
    true,
    false,
  ]);
  expect([takesChain(undefined, environment), takesChain("http://lab:9000", environment)]).toEqual([true, true]);
  expect(takesChain("https://host", environment)).toBe(false);
});

test("what is written to nokura can be read by everyone, as CloudFiles writes there", () => {
  expect(aclOf(serviceAt("https://c10s.pni.princeton.edu", {}, awsEndpoint))).toBe("public-read");
  expect(aclOf(serviceAt(undefined, {}, awsEndpoint))).toBeUndefined();
});
