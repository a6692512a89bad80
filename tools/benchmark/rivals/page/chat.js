// A chat's page as most people write it: once the socket is connected it joins, and everybody who is
// there makes an offer to the newcomer; candidates follow as they are found.
/* global io */
const socket = io();
const connections = new Map();
const channels = new Set();
const room = new URLSearchParams(location.search).get("roomId");

function show(text) {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("messages").append(line);
}

function useChannel(channel) {
  channel.onmessage = ({ data }) => show(data);
  channel.onopen = () => {
    channels.add(channel);
    show("connected");
  };
}

function connect(target) {
  const connection = new RTCPeerConnection({ iceServers: [] });
  connections.set(target, connection);
  connection.onicecandidate = ({ candidate }) => {
    if (candidate) socket.emit("candidate", { target, candidate });
  };
  connection.ondatachannel = ({ channel }) => useChannel(channel);
  return connection;
}

socket.on("connect", () => socket.emit("join", room));

socket.on("members", () => (document.title = "Chat: in the room"));

socket.on("joined", async (target) => {
  const connection = connect(target);
  useChannel(connection.createDataChannel("chat"));
  await connection.setLocalDescription(await connection.createOffer());
  socket.emit("offer", { target, sdp: connection.localDescription });
});

socket.on("offer", async ({ from, sdp }) => {
  const connection = connect(from);
  await connection.setRemoteDescription(sdp);
  await connection.setLocalDescription(await connection.createAnswer());
  socket.emit("answer", { target: from, sdp: connection.localDescription });
});

socket.on("answer", ({ from, sdp }) => connections.get(from).setRemoteDescription(sdp));
socket.on("candidate", ({ from, candidate }) => connections.get(from).addIceCandidate(candidate));

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = document.getElementById("input");
  for (const channel of channels) channel.send(input.value);
  show(input.value);
  input.value = "";
});
