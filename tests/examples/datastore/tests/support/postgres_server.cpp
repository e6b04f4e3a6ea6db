#include "postgres_server.hpp"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <vector>

namespace datastore {
namespace {

namespace fs = std::filesystem;

/// Null when the server can run as the user of this process.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* const user = ::getpwnam("postgres");
  if (user == nullptr) throw cleave::FixtureError("PostgreSQL does not run as root, and there is no user 'postgres'");
  return user;
}

/// The folders of a run are for their owner only. The server's user may pass through them afterwards.
void let_pass(const fs::path& folder) {
  const fs::path here = fs::canonical(fs::current_path());
  for (fs::path each = fs::canonical(folder); each.has_relative_path(); each = each.parent_path()) {
    if ((fs::status(each).permissions() & fs::perms::others_exec) != fs::perms::none) continue;
    if ((here.string() + "/").starts_with(each.string() + "/")) {
      throw cleave::FixtureError("the user 'postgres' cannot pass through " + each.string() +
                                 ": run the tests in a folder that is open, or as another user than root");
    }
    fs::permissions(each, fs::perms::others_exec, fs::perm_options::add);
  }
}

/// A cluster as initdb leaves it was made when the example was built. To copy it takes a third of the time of initdb, or less.
std::string make_cluster(const fs::path& folder, const passwd* user) {
  const fs::path cluster = fs::path(folder) / "postgres";
  fs::copy(DATASTORE_POSTGRES_TEMPLATE, cluster, fs::copy_options::recursive);
  fs::permissions(cluster, fs::perms::owner_all);
  if (user == nullptr) return cluster;
  let_pass(folder);
  const auto give = [user](const fs::path& path) {
    if (::chown(path.c_str(), user->pw_uid, user->pw_gid) == 0) return;
    throw std::system_error(errno, std::generic_category(), "chown " + path.string());
  };
  give(cluster);
  for (const auto& entry : fs::recursive_directory_iterator(cluster)) give(entry.path());
  return cluster;
}

std::string connection_string_for(std::uint16_t port) {
  return "host=127.0.0.1 port=" + std::to_string(port) +
         " user=postgres dbname=template1 sslmode=disable gssencmode=disable";
}

}  // namespace

PostgresServer::PostgresServer(const std::string& folder, std::uint16_t port)
    : connection_string_(connection_string_for(port)), process_(command(make_cluster(folder, other_user()), port)) {}

cleave::Service::Options PostgresServer::command(const std::string& cluster, std::uint16_t port) {
  const std::string connection = connection_string_for(port);
  std::vector<std::string> arguments{DATASTORE_POSTGRES, "-D", cluster, "-p", std::to_string(port)};
  for (const char* setting :
       {"listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "synchronous_commit=off",
        "full_page_writes=off", "autovacuum=off", "wal_level=minimal", "max_wal_senders=0",
        "max_logical_replication_workers=0", "shared_buffers=16MB", "jit=off"}) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  cleave::Service::Options options(arguments);
  if (other_user() != nullptr) options.as_user("postgres");
  options.stop_signal(SIGQUIT);  // At once: nobody needs the data again.
  options.ready([connection] { return PQping(connection.c_str()) == PQPING_OK; }, std::chrono::seconds(30));
  return options;
}

}  // namespace datastore
