using System.Diagnostics;
using System.Globalization;

namespace Messaging.Breaker.ChaosTests.Processes;

/// <summary>A process that writes its own log and ends with the tests, however they end.</summary>
static class OwnedProcess
{
    const string Script = """
        owner=$1 log=$2
        shift 2
        (while kill -0 $$ && kill -0 "$owner"; do sleep 1; done; kill -KILL $$) > /dev/null 2>&1 &
        exec "$@" > "$log" 2>&1
        """;

    public static Process Start(string log, IEnumerable<string> command, params IEnumerable<KeyValuePair<string, string>> environment)
    {
        var owner = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("bash", ["-c", Script, "owned", owner, log, .. command]);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <param name="signal">As kill names it: TERM, STOP.</param>
    public static void Send(this Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
