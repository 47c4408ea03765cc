using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Breakers;

/// <summary>How a transition is logged.</summary>
static class TransitionLog
{
    public static void Transition(this ILogger log, Transition transition) => log.Transition(
        transition.To is BreakerState.Open or BreakerState.Isolated ? LogLevel.Warning : LogLevel.Information,
        transition.Breaker,
        transition.Mode == BreakerMode.Enforcing ? "" : $" ({transition.Mode})",
        transition.From,
        transition.To,
        transition.Reason,
        transition.BreakDuration is { } length ? $"; next probe in {length.TotalSeconds:0.#} s" : "");
}
