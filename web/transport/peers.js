/**
 * The connections to the others: carries out PEER_... and CHANNEL_... actions on RTCPeerConnections
 * and reports what happens to them. The core decides which to open, who offers and when to give up.
 */

const CHANNEL_LABEL = "parley";
const CHANNEL_OPTIONS = { negotiated: true, id: 0, ordered: true };
const PREPARE_DELAY_MS = 1000; // after a connection was taken: when it has settled
const LINGER_MS = 200; // for what was sent last, such as a goodbye, before the connection goes

/** A connection for no peer yet. Making one takes a browser some 10 ms, the first one longer. */
export const makeConnection = () => new RTCPeerConnection();

/**
 * Sets a configuration without the ICE servers that this browser refuses: one of them would make it
 * refuse all.
 * @returns those that were left out
 */
function configure(connection, configuration) {
  try {
    connection.setConfiguration(configuration);
    return [];
  } catch (error) {
    const refused = configuration.iceServers.filter((server) => {
      try {
        connection.setConfiguration({ ...configuration, iceServers: [server] });
        return false;
      } catch {
        return true;
      }
    });
    if (refused.length === 0) throw error;
    const iceServers = configuration.iceServers.filter((server) => !refused.includes(server));
    connection.setConfiguration({ ...configuration, iceServers });
    return refused;
  }
}

/** Hands connections out, one of which is made before it is asked for. */
function prepareConnections(connection) {
  let timer;

  function renew() {
    timer = undefined;
    try {
      connection ??= makeConnection();
    } catch (error) {
      console.warn(error); // if the page has had too many, the next PEER_OPEN reports it
    }
  }

  return {
    take() {
      const taken = connection ?? makeConnection();
      connection = undefined;
      timer ??= setTimeout(renew, PREPARE_DELAY_MS);
      return taken;
    },
    close() {
      clearTimeout(timer);
      connection?.close();
    },
  };
}

/**
 * @param core as made by createCore
 * @param {RTCPeerConnection} [connection] for the first peer, from makeConnection
 */
export function createPeers(core, connection) {
  const prepared = prepareConnections(connection);
  /** @type {Map<number, Peer>} */
  const peers = new Map();
  const sentTo = new Set();

  const toPeer = (carryOut) => (action) => {
    const peer = peers.get(action.peer);
    if (peer) carryOut(peer, action);
  };

  const actions = {
    PEER_OPEN({ peer: number, a }) {
      try {
        peers.set(number, new Peer(core, prepared, number, JSON.parse(a)));
      } catch (error) {
        core.handle("PEER_NOT_OPENED", { peer: number, a: String(error) });
      }
    },
    PEER_CONFIGURE: toPeer((peer, { a }) => peer.configure(JSON.parse(a))),
    PEER_DESCRIBE: toPeer((peer, { code }) => peer.describe(code)),
    PEER_RESTART: toPeer((peer) => peer.restart()),
    PEER_ACCEPT: toPeer((peer, { code, a }) => peer.accept(code, a)),
    PEER_ADD_CANDIDATE: toPeer((peer, { a, b, c }) => peer.addCandidate(a, b, c)),
    PEER_ASK_ROUTE: toPeer((peer) => peer.askRoute()),
    PEER_CLOSE: toPeer((peer, { peer: number, code }) => {
      peers.delete(number);
      peer.close(code === 1);
    }),
    CHANNEL_SEND: toPeer((peer, { peer: number, a }) => {
      peer.send(a);
      sentTo.add(number);
    }),
  };

  /** After each turn: reports once how much is buffered in each channel that was written to. */
  function reportBuffered() {
    for (const number of sentTo) peers.get(number)?.reportBuffered();
    sentTo.clear();
  }

  /** Closes everything when the core is gone. */
  function closeAll() {
    for (const peer of peers.values()) peer.close(false);
    peers.clear();
    prepared.close();
  }

  return { actions, reportBuffered, closeAll };
}

class Peer {
  #core;
  #number;
  #connection;
  #channel;
  #closed = false;

  constructor(core, prepared, number, configuration) {
    this.#core = core;
    this.#number = number;
    this.#connection = prepared.take();
    try {
      this.#configure(configuration);
    } catch (error) {
      this.#connection.close();
      throw error;
    }
    this.#watchConnection(this.#connection);
    this.#channel = this.#connection.createDataChannel(CHANNEL_LABEL, CHANNEL_OPTIONS);
    this.#watchChannel(this.#channel);
  }

  configure(configuration) {
    try {
      this.#configure(configuration);
    } catch (error) {
      console.warn(error); // the next connection has it
    }
  }

  async describe(code) {
    const type = this.#sdpType(code);
    try {
      await this.#connection.setLocalDescription({ type });
      if (type === "rollback") this.#tell("PEER_DONE");
      else this.#tell("PEER_DESCRIBED", { code, a: this.#connection.localDescription.sdp });
    } catch (error) {
      this.#tell("PEER_FAILED", { a: String(error) });
    }
  }

  restart() {
    this.#connection.restartIce();
  }

  async accept(code, sdp) {
    try {
      await this.#connection.setRemoteDescription({ type: this.#sdpType(code), sdp });
      this.#tell("PEER_DONE");
    } catch (error) {
      this.#tell("PEER_FAILED", { a: String(error) });
    }
  }

  async addCandidate(candidate, sdpMid, usernameFragment) {
    try {
      await this.#connection.addIceCandidate({
        candidate,
        // One of the two must be there; we have one section. Not every WebRTC takes null for none.
        ...(sdpMid ? { sdpMid } : { sdpMLineIndex: 0 }),
        ...(usernameFragment ? { usernameFragment } : {}),
      });
    } catch (error) {
      this.#tell("PEER_CANDIDATE_FAILED", { a: String(error) });
    }
  }

  async askRoute() {
    let route = { a: "", b: "", code: 0 };
    try {
      route = readRoute(await this.#connection.getStats());
    } catch (error) {
      console.warn(error); // an unknown route is an answer too
    }
    this.#tell("PEER_ROUTE", route);
  }

  send(text) {
    try {
      this.#channel.send(text);
    } catch {
      this.#tell("CHANNEL_CLOSED");
    }
  }

  reportBuffered() {
    this.#tell("CHANNEL_BUFFERED", { code: this.#channel.bufferedAmount });
  }

  /** Closing a connection discards what its channel has not sent yet. A channel sends what it has
   *  before it closes, and reports when both sides have closed it. */
  close(atOnce) {
    const shut = () => this.#connection.close();
    const drains = !atOnce && this.#channel.readyState === "open";
    this.#closed = true;
    this.#channel.onclose = shut;
    this.#channel.close();
    if (drains) setTimeout(shut, LINGER_MS);
    else shut();
  }

  #configure(configuration) {
    for (const { urls } of configure(this.#connection, configuration)) {
      this.#tell("PEER_SERVER_REFUSED", { a: urls });
    }
  }

  /** Hands in an event of this peer, unless PEER_CLOSE came. */
  #tell(name, fields = {}) {
    if (!this.#closed) this.#core.handle(name, { peer: this.#number, ...fields });
  }

  #sdpType(code) {
    return Object.keys(this.#core.enums.sdp)[code].toLowerCase();
  }

  #watchConnection(connection) {
    connection.onicecandidate = ({ candidate }) =>
      this.#tell("PEER_CANDIDATE", {
        a: candidate?.candidate ?? "",
        b: candidate?.sdpMid ?? "",
        c: candidate?.usernameFragment ?? "",
      });
    connection.onicecandidateerror = ({ errorCode, url }) =>
      this.#tell("PEER_ICE_ERROR", { code: errorCode, a: url ?? "" });
    connection.ondatachannel = connection.ontrack = () => this.#tell("PEER_UNASKED");
    connection.onconnectionstatechange = () => {
      const states = this.#core.enums.peerState;
      this.#tell("PEER_STATE", { code: states[connection.connectionState.toUpperCase()] });
      const ice = connection.sctp?.transport.iceTransport;
      if (ice) ice.onselectedcandidatepairchange = () => this.askRoute();
    };
  }

  #watchChannel(channel) {
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = this.#core.limits.channelBufferLowBytes;
    channel.onopen = () => this.#tell("CHANNEL_OPENED");
    channel.onmessage = ({ data }) =>
      this.#tell("CHANNEL_MESSAGE", { a: data, code: typeof data === "string" ? 0 : 1 });
    channel.onbufferedamountlow = () => this.reportBuffered();
    channel.onclose = () => this.#tell("CHANNEL_CLOSED");
    channel.onerror = () => this.#tell("CHANNEL_CLOSED");
  }
}

/**
 * The types of the two candidates in use: Firefox marks the pair, Chromium the transport. Received
 * bytes are counted on the transport or, in Firefox, on all pairs, since the marked pair may be
 * another than the one in use.
 */
function readRoute(stats) {
  const all = [...stats.values()];
  const transport = all.find((one) => one.type === "transport" && one.selectedCandidatePairId);
  const pairs = all.filter(({ type }) => type === "candidate-pair");
  const pair =
    stats.get(transport?.selectedCandidatePairId) ??
    pairs.find((one) => one.selected || one.nominated);
  const bytes =
    transport?.bytesReceived ?? pairs.reduce((sum, one) => sum + (one.bytesReceived ?? 0), 0);
  return {
    a: stats.get(pair?.localCandidateId)?.candidateType ?? "",
    b: stats.get(pair?.remoteCandidateId)?.candidateType ?? "",
    code: Math.floor(bytes / 1024),
  };
}
