using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// Writes the lines of one logger factory, one after another, on a thread that is there only while there are lines. Who logs waits until its
/// line is written, so that nothing is out of order and nothing is lost in a crash; but not for a provider that hangs: then lines wait, and
/// beyond some hundred they are dropped.
/// </summary>
sealed class LogWriter
{
    const int MostWaiting = 500;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);
    static readonly ConditionalWeakTable<ILoggerFactory, LogWriter> All = [];

    readonly Queue<Line> _lines = new();
    bool _isRunning;
    volatile bool _isStuck;

    public static LogWriter Of(ILoggerFactory loggers) => All.GetValue(loggers, _ => new LogWriter());

    /// <param name="write">Called in the context of who logs: its scopes and its span are the line's.</param>
    public void Write(Action write)
    {
        var line = new Line(write, ExecutionContext.Capture());
        lock (_lines)
        {
            if (_lines.Count >= MostWaiting)
                return;
            _lines.Enqueue(line);
            Monitor.Pulse(_lines);
            if (!_isRunning)
            {
                _isRunning = true;
                new Thread(WriteAll) { IsBackground = true, Name = "Messaging.Breaker log" }.Start();
            }
        }

        if (!_isStuck && !line.WaitUntilWritten(Patience))
            _isStuck = true;
    }

    void WriteAll()
    {
        while (TryTake() is { } line)
        {
            line.Write();
            _isStuck = false;
        }
    }

    Line? TryTake()
    {
        lock (_lines)
        {
            if (_lines.Count == 0)
                Monitor.Wait(_lines, Linger);
            _isRunning = _lines.TryDequeue(out var line);
            return line;
        }
    }

    sealed class Line(Action write, ExecutionContext? context)
    {
        readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Write()
        {
            if (context is null)
                Safely.Run(write);
            else
                ExecutionContext.Run(context, _ => Safely.Run(write), null);
            _written.SetResult();
        }

        public bool WaitUntilWritten(TimeSpan patience) => _written.Task.Wait(patience);
    }
}
