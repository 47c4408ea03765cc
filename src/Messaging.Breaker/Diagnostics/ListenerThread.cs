using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Diagnostics;

/// <summary>
/// Notifies loggers or meters of events, one after another, on a thread that exists only while there are events. The caller waits until its
/// event has been delivered, so that the order is kept and nothing is lost in a crash. It does not wait for a listener that hangs: events then
/// queue up, and beyond a few hundred they are dropped.
/// </summary>
sealed class ListenerThread
{
    const int MostWaiting = 500;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);
    static readonly ConditionalWeakTable<ILoggerFactory, ListenerThread> All = [];

    readonly Queue<Message> _waiting = new();
    bool _isRunning;
    volatile bool _isStuck;

    public static ListenerThread Of(ILoggerFactory loggers) => All.GetValue(loggers, _ => new ListenerThread());

    /// <param name="tell">Called in the caller's context: the log line has the caller's scopes and span.</param>
    public void Tell(Action tell)
    {
        var message = new Message(tell, ExecutionContext.Capture());
        lock (_waiting)
        {
            if (_waiting.Count >= MostWaiting)
                return;
            _waiting.Enqueue(message);
            Monitor.Pulse(_waiting);
            if (!_isRunning)
            {
                _isRunning = true;
                new Thread(TellAll) { IsBackground = true, Name = "Messaging.Breaker listener" }.Start();
            }
        }

        if (!_isStuck && !message.WaitUntilHeard(Patience))
            _isStuck = true;
    }

    void TellAll()
    {
        while (TryTake() is { } message)
        {
            message.Tell();
            _isStuck = false;
        }
    }

    Message? TryTake()
    {
        lock (_waiting)
        {
            if (_waiting.Count == 0)
                Monitor.Wait(_waiting, Linger);
            _isRunning = _waiting.TryDequeue(out var message);
            return message;
        }
    }

    sealed class Message(Action tell, ExecutionContext? context)
    {
        readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Tell()
        {
            if (context is null)
                Safely.Run(tell);
            else
                ExecutionContext.Run(context, _ => Safely.Run(tell), null);
            _heard.SetResult();
        }

        public bool WaitUntilHeard(TimeSpan patience) => _heard.Task.Wait(patience);
    }
}
