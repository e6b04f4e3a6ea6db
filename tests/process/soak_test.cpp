// What a run takes of the machine as it grows: memory, descriptors, processes. `./dev soak` does the same with 100,000
// tests and 200 programs.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "ctest_tree.hpp"
#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

constexpr auto kLookAgain = std::chrono::milliseconds(3);

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The most that a process was seen to have.
struct Most {
  long memory = 0;  ///< Bytes; the kernel's own high-water mark, so that nothing between two looks is missed.
  std::size_t descriptors = 0;
  std::size_t children = 0;
};

/// Looks at the process until it has ended. Its output has to fit into a pipe.
Most watch(int pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  Most most;
  while (true) {
    const std::string status = text_of(folder + "/status");
    const auto mark = status.find("VmHWM:");
    if (mark == std::string::npos) return most;  // A process that has ended has no memory.
    most.memory = 1024 * std::atol(status.c_str() + mark + 6);
    std::error_code gone;
    const fs::directory_iterator descriptors(folder + "/fd", gone);
    if (!gone)
      most.descriptors =
          std::max(most.descriptors, static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors))));
    std::istringstream children(text_of(folder + "/task/" + std::to_string(pid) + "/children"));
    const std::istream_iterator<int> first(children);
    most.children =
        std::max(most.children, static_cast<std::size_t>(std::distance(first, std::istream_iterator<int>())));
    std::this_thread::sleep_for(kLookAgain);
  }
}

class Soak : public testing::Test {
 protected:
  /// Runs so many tests in two shards and looks at the supervisor meanwhile.
  Most run(int tests, const Sandbox::Arguments& arguments = {}) {
    box_.set("MANY_TESTS", std::to_string(tests));
    Running running = box_.start_sharded(program("gtest_many"), 2, arguments);
    const Most most = watch(running.pid());
    const Finished ended = running.wait();
    EXPECT_EQ(ended.code, 0) << ended.told();
    const std::string all = std::to_string(tests);
    EXPECT_NE(ended.out.find(all + " tests: " + all + " passed"), std::string::npos) << ended.told();
    EXPECT_TRUE(box_.all_processes_end());
    return most;
  }

  Sandbox box_;
};

// R13: less than a kilobyte, with all that is known of the test; no large document of a run is ever held whole.
TEST_F(Soak, ATestCostsTheSupervisorLittleMemory) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer keeps much memory of its own";
  const Most few = run(1000);
  const Most many = run(10000);
  EXPECT_LT(many.memory - few.memory, 9000 * 1000) << few.memory << " bytes, and then " << many.memory;
}

/// Kills the children of that name, as long as the process is there. How many signals it sent.
int kill_children(int pid, const std::string& name) {
  const std::string folder = "/proc/" + std::to_string(pid);
  int sent = 0;
  while (text_of(folder + "/status").find("VmHWM:") != std::string::npos) {
    std::istringstream children(text_of(folder + "/task/" + std::to_string(pid) + "/children"));
    for (int child = 0; children >> child;) {
      if (text_of("/proc/" + std::to_string(child) + "/comm") != name + "\n") continue;
      if (::kill(child, SIGKILL) == 0) ++sent;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return sent;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++count;
  return count;
}

// R12: a process that writes documents beside the supervisor is a convenience.
TEST_F(Soak, DocumentsAreWholeWhenWhoWritesThemIsKilled) {
  const std::string tests = "3000";
  box_.set("MANY_TESTS", tests);
  Running running = box_.start_sharded(program("gtest_many"), 2, {"--cleave-log=quiet"});
  const int sent = kill_children(running.pid(), "cleave-aside");
  RecordProperty("signals", sent);  // None where there is one CPU, or where nobody looked in time.
  const Finished ended = running.wait();
  EXPECT_EQ(ended.code, 0) << ended.told();
  const std::string home = box_.home_of(program("gtest_many")) + "/latest";
  EXPECT_EQ(count_of(text_of(home + "/report.json"), "\"attempts\":["), 3000U);
  EXPECT_EQ(count_of(text_of(home + "/junit.xml"), "<testcase "), 3000U);
  EXPECT_EQ(count_of(text_of(home + "/trace.json"), "\"cat\":\"passed\""), 3000U);
  EXPECT_NE(text_of(home + "/report.html").find("</html>"), std::string::npos);
  for (const auto& entry : fs::directory_iterator(home)) {
    EXPECT_EQ(entry.path().filename().string().find(".tmp-"), std::string::npos) << entry.path();
  }
  EXPECT_TRUE(box_.all_processes_end());
}

// R12: a process for each test, 300 of them, and none of them costs the supervisor anything that stays.
TEST_F(Soak, ProcessesThatEndedLeaveNoDescriptor) {
  const Most most = run(300, {"--cleave-isolation=test"});
  EXPECT_GT(most.descriptors, 3U) << "nobody looked";
  EXPECT_LT(most.descriptors, 100U);
  EXPECT_GT(most.children, 0U) << "nobody looked";
  EXPECT_LT(most.children, 20U);
}

/// A ctest over copies of one program, each with entries of its own, as cleave_add_shards() wrote them for the folder
/// `any`.
class ManyPrograms : public CTestTree {
 public:
  explicit ManyPrograms(int count) : CTestTree({"any"}) {
    fs::copy_file(program("gtest_many"), path("many"));
    std::string folders;
    for (int i = 0; i < count; ++i) {
      const std::string name = name_of(i);
      fs::create_hard_link(path("many"), path(name + "_program"));
      fs::create_directories(path(name));
      const std::string built = CLEAVE_CTEST_TREES "/any";
      write(name + "/settings", replaced(text_of(built + "/cleave/any.settings"),
                                         {{"name\tany", "name\t" + name}, {"target\tctest_gtest", "target\t" + name}}));
      write(name + "/CTestTestfile.cmake", replaced(text_of(built + "/CTestTestfile.cmake"),
                                                    {{"[=[any.", "[=[" + name + "."},
                                                     {"\"any\"", '"' + name + '"'},
                                                     {built + "/cleave/any.settings", path(name + "/settings")},
                                                     {CLEAVE_CTEST_TREES "/ctest_gtest", path(name + "_program")},
                                                     {" \"--arguments-of-the-test\"", ""}}));
      folders += "subdirs(\"" + path(name) + "\")\n";
    }
    write("CTestTestfile.cmake", folders);
  }
  static std::string name_of(int number) { return "many-" + std::to_string(number); }

 private:
  static std::string replaced(std::string text, const std::vector<std::pair<std::string, std::string>>& all) {
    for (const auto& [from, to] : all) {
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    }
    return text;
  }
};

// R12, R43
TEST(SoakUnderCTest, TwentyProgramsAddNoProcesses) {
  constexpr int kPrograms = 20;
  ManyPrograms tree(kPrograms);
  tree.set("MANY_TESTS", "50");
  Running running = tree.start_ctest({"-j2"});
  std::size_t most = 0;
  while (text_of("/proc/" + std::to_string(running.pid()) + "/status").find("VmHWM:") != std::string::npos) {
    most = std::max(most, tree.processes().size());
    std::this_thread::sleep_for(10 * kLookAgain);
  }
  const Finished ended = running.wait();
  EXPECT_EQ(ended.code, 0) << ended.told();
  EXPECT_GT(most, 1U) << "nobody looked";
  EXPECT_LT(most, 15U) << "ctest, and of two entries the supervisor with what it started";
  EXPECT_TRUE(tree.all_processes_end());
  for (int i = 0; i < kPrograms; ++i) {
    const nlohmann::json report = tree.report(ManyPrograms::name_of(i));
    ASSERT_TRUE(report.is_object()) << ended.told();
    EXPECT_EQ(report["totals"]["passed"], 50) << ManyPrograms::name_of(i);
  }
}

}  // namespace
}  // namespace cleave::test
