// A program as a child: started with its words, watched, ended.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace hearback::testing {

struct Ended {
    int code = -1;  // of exit; -1 where a signal ended it
    int signal = 0; // that ended it
    std::string out;
    std::string err;
};

class Process {
  public:
    // Begins at once. `environment` is added to this process's own.
    Process(std::vector<std::string> words, std::map<std::string, std::string> environment = {});
    // Ends it where it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Waits for its end; after the patience it is killed.
    Ended wait(std::chrono::milliseconds patience = std::chrono::seconds(60));
    void signal(int number);
    bool runs();
    int pid() const { return pid_; }
    // What it has written so far.
    std::string out() const;
    std::string err() const;

  private:
    int pid_ = -1;
    bool ended_ = false;
    int status_ = 0;
    std::string out_file_;
    std::string err_file_;
};

// The built program with these words, run to its end.
Ended runHearback(const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& environment = {});
std::string hearbackProgram();

} // namespace hearback::testing
