using System.Diagnostics;

namespace OutageDrill.Runs;

/// <summary>Seconds since the first message; 0 before the clock is started.</summary>
sealed class DrillClock
{
    readonly Stopwatch _stopwatch = new();

    public double Now => _stopwatch.Elapsed.TotalSeconds;

    public void Start() => _stopwatch.Start();
}
