// PeerServer as npm has it, with limits that let the benchmark's clients in and keep those who are
// silent. Usage: node --expose-gc peerserver.mjs
import { PeerServer } from "peer";
import { announce } from "./announce.mjs";

const CLIENTS_MAX = 100000;
const ALIVE_MS = 3600000;

PeerServer(
  { host: "127.0.0.1", port: 0, concurrent_limit: CLIENTS_MAX, alive_timeout: ALIVE_MS },
  announce,
);
