namespace Messaging.Breaker.Probing;

/// <summary>A question to the dependency itself, which costs no message.</summary>
/// <param name="AskAsync">Whether the dependency works; an exception counts as a no.</param>
/// <param name="TimeLimit">How long an answer may take.</param>
sealed record ActiveProbe(Func<IServiceProvider, CancellationToken, Task<bool>> AskAsync, TimeSpan TimeLimit);
