// A chat's server as most people write it: Express for the page, Socket.IO for the introductions.
// Clients join a room, hear who is in it, and pass offers, answers and candidates to each other.
// Usage: node --expose-gc socketio.mjs FOLDER
import { createServer } from "node:http";
import express from "express";
import { Server } from "socket.io";
import { announce } from "./announce.mjs";

const SIGNALS = ["offer", "answer", "candidate"];

const app = express();
app.use(express.static(process.argv[2] ?? "."));
const server = createServer(app);
const io = new Server(server);

io.on("connection", (socket) => {
  let room = null;

  socket.on("join", (name) => {
    const members = [...(io.sockets.adapter.rooms.get(name) ?? [])];
    room = name;
    socket.join(name);
    socket.emit("members", members);
    socket.to(name).emit("joined", socket.id);
  });

  for (const signal of SIGNALS) {
    socket.on(signal, ({ target, ...rest }) => {
      io.to(target).emit(signal, { from: socket.id, ...rest });
    });
  }

  socket.on("disconnect", () => {
    if (room !== null) io.to(room).emit("left", socket.id);
  });
});

server.listen(0, "127.0.0.1", () => announce(server));
