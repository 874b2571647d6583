// A thread that ends the process when its time is over: no lock of the host language keeps it from that.
#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include "TH/THArgument.h"
#include "THNCCL/THNCCL.h"

namespace
{

using Clock = std::chrono::steady_clock;

// Never destroyed: its thread may outlive everything else.
struct Alarm {
    std::mutex mutex;
    std::condition_variable changed;
    Clock::time_point at = Clock::time_point::max();
    std::string message;
    pid_t process = 0; // whose thread waits
};
Alarm *theAlarm = new Alarm;

void forget()
{
    theAlarm = new Alarm; // of a child: the parent's may be locked
}

[[noreturn]] void endProcess(const std::string &message)
{
    fprintf(stderr, "%s\n", message.c_str());
    fflush(stderr);
    _exit(1);
}

void watch(Alarm *self)
{
    std::unique_lock<std::mutex> lock(self->mutex);
    for (;;) {
        if (self->at == Clock::time_point::max())
            self->changed.wait(lock);
        else if (self->changed.wait_until(lock, self->at) == std::cv_status::timeout && Clock::now() >= self->at)
            endProcess(self->message);
    }
}

} // namespace

THStatus THNCCL_setAlarm(double seconds, const char *message)
{
    TH_GIVEN("set_alarm", message);
    static const int once = pthread_atfork(nullptr, nullptr, forget);
    TH_FAIL_IF(once != 0, TH_ERR_STATE, "[set_alarm] pthread_atfork: status %d", once);
    const std::lock_guard<std::mutex> lock(theAlarm->mutex);
    const bool wanted = seconds > 0 && seconds < 1e9; // for ever is as good as none
    theAlarm->at = wanted ? Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))
                          : Clock::time_point::max();
    theAlarm->message = message;
    if (wanted && theAlarm->process != getpid()) {
        try {
            std::thread(watch, theAlarm).detach();
        } catch (const std::system_error &error) {
            return THStatus_fail(TH_ERR_STATE, "[set_alarm] no thread: %s", error.what());
        }
        theAlarm->process = getpid();
    }
    theAlarm->changed.notify_one();
    return TH_OK;
}
