using Messaging.Breaker;

namespace SampleWorkers.Demo;

/// <param name="Waiting">Published and not yet handled: in the queue, or in the worker.</param>
sealed record DemoFigures(
    TimeSpan Elapsed,
    long Published,
    long Waiting,
    long Handled,
    long Receipts,
    long DeadLettered,
    string Payments,
    long Calls,
    long CallsWhileDown,
    IReadOnlyList<BreakerSnapshot> Breakers);
