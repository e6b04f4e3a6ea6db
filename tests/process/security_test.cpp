// What other users of the machine and hostile tests can do to a run: nothing.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "os/own_folder.hpp"
#include "own_run.hpp"
#include "xml_tree.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kNobody = 65534;

class Security : public testing::Test {
 protected:
  /// A run that has to do with the file of its home; only with a cache of passes has it to do with that.
  Finished few(std::string_view file) const {
    std::vector<std::string> arguments{"--gtest_filter=Quiet.*"};
    if (file == "passes") arguments.emplace_back("--cleave-cache");
    return box_.sharded(program("gtest_mishaps"), 2, arguments);
  }
  std::string home() const { return box_.home_of(program("gtest_mishaps")); }
  /// All below the folder, itself included.
  static std::map<std::string, mode_t> modes(const std::string& folder) {
    std::map<std::string, mode_t> all;
    const auto look = [&](const std::string& path) {
      struct stat status {};
      if (::lstat(path.c_str(), &status) == 0 && !S_ISLNK(status.st_mode)) all[path] = status.st_mode;
    };
    look(folder);
    std::error_code gone;  // What a run makes and removes meanwhile.
    for (fs::recursive_directory_iterator at(folder, gone), end; !gone && at != end; at.increment(gone))
      look(at->path());
    return all;
  }
  /// Those that are made for people, as their umask has it; all else is the run's own.
  static bool is_for_people(const std::string& path) {
    const std::string name = fs::path(path).filename();
    return name == "junit.xml" || name == "order.json" || name == "trace.json" || name.starts_with("report.");
  }
  static void expect_private(const std::map<std::string, mode_t>& all, mode_t umask) {
    EXPECT_GT(all.size(), 4u);
    for (const auto& [path, mode] : all) {
      const mode_t allowed = is_for_people(path) ? 0666 & ~umask : S_ISDIR(mode) ? 0700 : 0600;
      EXPECT_EQ(mode & 07777 & ~allowed, 0u) << path << " has the mode " << std::oct << (mode & 07777);
    }
  }

  Sandbox box_;
};

// R19: queue, journals, locks and what stays behind; whatever the umask of who runs it.
TEST_F(Security, WhatARunKeepsIsPrivateWhateverTheUmask) {
  for (const mode_t umask : {mode_t{0}, mode_t{077}}) {
    const std::string out = box_.path("out-" + std::to_string(umask));
    box_.set("WAITS_GATE", box_.path("gate-" + std::to_string(umask)));
    box_.set("CLEAVE_TEST_LOG", box_.path("log-" + std::to_string(umask)));
    const mode_t before = ::umask(umask);
    Running running = box_.start({program("gtest_waits"), "--cleave-jobs=2", "--cleave-dir=" + out});
    ::umask(before);
    EXPECT_TRUE(soon([&] { return fs::exists(box_.path("log-" + std::to_string(umask))); }));
    expect_private(modes(out), umask);
    box_.write("gate-" + std::to_string(umask), "");
    const Finished ended = running.wait();
    EXPECT_EQ(ended.code, 0) << ended.told();
    expect_private(modes(out), umask);
  }
}

// R19: with a keeper, which has an inbox and tells through files.
TEST_F(Security, WhatAKeeperKeepsIsPrivateWithoutAUmask) {
  const mode_t before = ::umask(0);
  Running running = box_.start_sharded(program("gtest_fixtures"), 2);
  ::umask(before);
  std::map<std::string, mode_t> seen;
  EXPECT_TRUE(soon([&] {
    const auto now = modes(box_.reports());
    seen.insert(now.begin(), now.end());
    return std::any_of(now.begin(), now.end(), [](const auto& one) { return one.first.ends_with("/inbox"); });
  }));
  (void)running.wait();
  const auto left = modes(box_.reports());
  seen.insert(left.begin(), left.end());
  // What the fixtures and tests themselves make in their folders is as they want it.
  std::erase_if(seen, [](const auto& one) { return one.first.find("/tmp/s") != std::string::npos; });
  expect_private(seen, 0);
}

constexpr const char* kOwnFiles[] = {"lock", "history", "history.lock", "history.bad", "last-failed", "passes"};

// R19: a run writes to no file that a link leads to, and says so where it cannot go on.
TEST_F(Security, LinksInThePlaceOfItsFilesAreNotWrittenThrough) {
  for (const char* const name : kOwnFiles) {
    fs::remove_all(home());
    fs::create_directories(home());
    box_.write("victim", "untouched");
    fs::create_symlink(box_.path("victim"), home() + "/" + name);
    const Finished run = few(name);
    EXPECT_TRUE(run.code == 0 || run.code == 2 || run.code == 3) << name << run.told();
    EXPECT_TRUE(run.code == 0 || run.err.find(name) != std::string::npos) << name << run.told();
    EXPECT_EQ(box_.read("victim"), "untouched") << name;
  }
}

// R19: nor does one wait for whoever made a FIFO, nor remove a folder that it did not make.
TEST_F(Security, FifosAndFoldersInThePlaceOfItsFilesDoNotHoldARun) {
  for (const char* const name : kOwnFiles) {
    for (const bool fifo : {true, false}) {
      if (!fifo && std::string_view(name) != "history" && std::string_view(name) != "lock") continue;
      fs::remove_all(home());
      fs::create_directories(home());
      const std::string path = home() + "/" + name;
      if (fifo) {
        ASSERT_EQ(::mkfifo(path.c_str(), 0666), 0);
      } else {
        fs::create_directories(path + "/kept");
      }
      const Finished run = few(name);
      EXPECT_FALSE(run.timed_out) << name;
      EXPECT_TRUE(run.code == 0 || run.code == 2 || run.code == 3) << name << run.told();
      EXPECT_TRUE(run.code == 0 || run.err.find(name) != std::string::npos) << name << run.told();
    }
  }
}

TEST_F(Security, AFolderInThePlaceOfLatestIsAnErrorAndStays) {
  fs::create_directories(home() + "/latest");
  box_.write("out/cleave/gtest_mishaps/latest/mine", "kept");
  const Finished run = few("latest");
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_NE(run.err.find("latest"), std::string::npos) << run.told();
  EXPECT_EQ(box_.read("out/cleave/gtest_mishaps/latest/mine"), "kept");
}

// R19: /tmp/cleave may be somebody else's.
TEST_F(Security, AFolderThatSomebodyElseMadeWhereEverybodyMayIsNotUsed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make what belongs to somebody else";
  const std::string place = box_.path("everybody");
  fs::create_directories(place + "/cleave");
  ASSERT_EQ(::chmod(place.c_str(), 01777), 0);
  ASSERT_EQ(::chown((place + "/cleave").c_str(), kNobody, kNobody), 0);
  const Finished run =
      box_.run({program("gtest_mishaps"), "--gtest_filter=Quiet.*", "--cleave-jobs=2", "--cleave-dir=" + place});
  EXPECT_EQ(run.code, 2) << run.told();
  EXPECT_NE(run.err.find("/cleave: belongs to user 65534, not to user 0"), std::string::npos) << run.told();
  EXPECT_TRUE(fs::is_empty(place + "/cleave"));

  fs::create_directories(place + "/kept");
  fs::remove_all(place + "/cleave");
  fs::create_directory_symlink(place + "/kept", place + "/cleave");
  ASSERT_EQ(::lchown((place + "/cleave").c_str(), kNobody, kNobody), 0);
  const Finished linked =
      box_.run({program("gtest_mishaps"), "--gtest_filter=Quiet.*", "--cleave-jobs=2", "--cleave-dir=" + place});
  EXPECT_EQ(linked.code, 2) << linked.told();
  EXPECT_TRUE(fs::is_empty(place + "/kept"));
}

// R19: the folder of a run is one that this user made.
TEST_F(Security, AFolderOfARunIsNoLinkAndNobodyElses) {
  EXPECT_TRUE(os::make_private_directories(box_.path("a/b")));
  EXPECT_TRUE(os::make_private_directories(box_.path("a/b")));
  fs::create_directory_symlink(box_.path("a/b"), box_.path("link"));
  EXPECT_FALSE(os::make_private_directories(box_.path("link")));
  box_.write("file", "");
  EXPECT_FALSE(os::make_private_directories(box_.path("file")));
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chown(box_.path("a/b").c_str(), kNobody, kNobody), 0);
  const auto foreign = os::make_private_directories(box_.path("a/b"));
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().what.find("belongs to user 65534"), std::string::npos) << foreign.error().what;
}

// R19: of PATH, only what nobody else can have put there is started to read stacks.
TEST_F(Security, ReadersOfStacksComeFromNoFolderThatOthersMayWriteTo) {
  const auto put = [&](const std::string& folder, mode_t folder_mode, mode_t mode) {
    fs::create_directories(box_.path(folder));
    box_.write(folder + "/cleave-stacks", "#!/bin/sh\necho started >>\"$READERS\"\n");
    EXPECT_EQ(::chmod(box_.path(folder).c_str(), folder_mode), 0);
    EXPECT_EQ(::chmod((box_.path(folder) + "/cleave-stacks").c_str(), mode), 0);
    return box_.path(folder);
  };
  struct Row {
    std::string path;
    bool trusted;
  };
  put("work", 0755, 0755);  // Where programs start: an empty entry of PATH, and a relative one.
  const std::vector<Row> rows{{put("good", 0755, 0755), true},
                              {put("open", 0777, 0755), false},
                              {put("sticky", 01777, 0755), false},
                              {put("changeable", 0755, 0777), false},
                              {":", false},
                              {".", false},
                              {"../good", false}};
  box_.set("CLEAVE_STACKS", "auto");
  for (const Row& row : rows) {
    box_.set("READERS", box_.path("readers"));
    fs::remove(box_.path("readers"));
    box_.set("PATH", row.path);
    const Finished run = box_.sharded(program("gtest_crashes"), 1, {"--gtest_filter=Crashes.D_Aborts"});
    EXPECT_EQ(run.code, 1) << run.told();
    EXPECT_EQ(fs::exists(box_.path("readers")), row.trusted) << row.path << run.told();
  }
}

// R19: names, files, messages, properties and output of tests steer neither a terminal, nor the viewer of a log, nor a
// browser, and lead to no file.
class HostileTests : public Security {
 protected:
  Finished run(const std::vector<std::string>& more = {}) {
    box_.set("MISHAP", "hostile");
    std::vector<std::string> arguments{"--gtest_filter=Hostile*"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Finished run = box_.sharded(program("gtest_mishaps"), 2, arguments);
    EXPECT_EQ(run.code, 1) << run.told();
    return run;
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
};

TEST_F(HostileTests, SteerNoTerminal) {
  const Finished run = this->run();
  EXPECT_NE(run.out.find("pwned"), std::string::npos);
  for (const std::string& text : {run.out, run.err}) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      EXPECT_TRUE(byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7F)) << static_cast<int>(byte);
    }
    for (const char* const hidden : {"\xe2\x80\xae", "\xd8\x9c", "\xff", "\xc2\x9b"})
      EXPECT_EQ(text.find(hidden), std::string::npos) << run.told();
  }
}

TEST_F(HostileTests, BreakNoDocument) {
  run();
  const nlohmann::json report = box_.report(program("gtest_mishaps"));
  EXPECT_EQ(report["totals"]["failed"], 6);
  const std::string latest = home() + "/latest/";
  const auto junit = parse_xml(box_.read(latest + "junit.xml"));
  ASSERT_TRUE(junit.has_value());
  EXPECT_EQ(junit->at("failures"), "6");
  const std::string page = box_.read(latest + "report.html");
  EXPECT_EQ(page.find("<script>pwned"), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_NE(page.find("pwned()"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(box_.read(latest + "trace.json")));
}

TEST_F(HostileTests, MakeNoFile) {
  run();
  for (const auto& entry : fs::recursive_directory_iterator(box_.folder()))
    EXPECT_EQ(entry.path().string().find("escaped"), std::string::npos) << entry.path();
  EXPECT_FALSE(fs::exists("/escaped"));
}

TEST_F(HostileTests, CommandNoGithub) {
  box_.set("GITHUB_ACTIONS", "true");
  for (const char* const output : {"--cleave-output=fail", "--cleave-output=stream"}) {
    const Finished run = this->run({output});
    int ours = 0;
    for (const std::string& line : lines(run.out)) {
      const auto first = line.find_first_not_of(" \t\r");
      if (first == std::string::npos || line.compare(first, 2, "::") != 0) {
        // Anywhere in a line, unless it is a command already.
        EXPECT_EQ(line.find("##["), std::string::npos) << line;
        continue;
      }
      ++ours;
      const bool known = line.starts_with("::error file=") || line.starts_with("::error title=") ||
                         line.starts_with("::group::") || line == "::endgroup::";
      EXPECT_TRUE(known) << line;
    }
    EXPECT_GE(ours, 6);
  }
}

TEST_F(HostileTests, CommandNoTeamcity) {
  box_.set("TEAMCITY_VERSION", "2023");
  int ours = 0;
  for (const std::string& line : lines(run().out)) {
    const auto at = line.find("##teamcity[");
    if (at == std::string::npos) continue;
    ++ours;
    EXPECT_EQ(line.compare(0, 15, "##teamcity[test"), 0) << line;
    EXPECT_EQ(line.find("##teamcity[", 1), std::string::npos) << line;
  }
  EXPECT_GE(ours, 6);
}

TEST_F(HostileTests, CommandNoGitlab) {
  box_.set("GITLAB_CI", "true");
  const Finished run = this->run();
  EXPECT_EQ(run.out.find("\x1b[0Ksection_start:1:pwned"), std::string::npos) << run.told();
  EXPECT_NE(run.out.find("section_start:1:pwned"), std::string::npos) << run.told();
}

}  // namespace
}  // namespace cleave::test
