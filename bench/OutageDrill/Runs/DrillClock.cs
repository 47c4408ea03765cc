using System.Diagnostics;

namespace OutageDrill.Runs;

/// <summary>Seconds since the first message. Before it is started, none have passed.</summary>
sealed class DrillClock
{
    readonly Stopwatch _stopwatch = new();

    public double Now => _stopwatch.Elapsed.TotalSeconds;

    public void Start() => _stopwatch.Start();
}
