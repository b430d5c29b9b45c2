// Runs once, on an empty data directory: the stack's users. Passwords are read from the mounted files.
const read = (name) => require("fs").readFileSync(`/run/secrets/${name}`, "utf8").trim();

db.getSiblingDB("ziggie").createUser({
  user: "ziggie",
  pwd: read("application_password"),
  roles: [{ role: "readWrite", db: "ziggie" }],
});

db.getSiblingDB("admin").createUser({
  user: "exporter",
  pwd: read("exporter_password"),
  roles: [
    { role: "clusterMonitor", db: "admin" },
    { role: "read", db: "local" },
  ],
});
