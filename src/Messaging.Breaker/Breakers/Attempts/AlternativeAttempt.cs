using System.Collections.Immutable;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>
/// A message's attempt on a group of alternatives. The message has one attempt on each breaker, and all are asked together: the message is
/// admitted if any of them grants a permit.
/// </summary>
sealed class AlternativeAttempt(CircuitBreaker breaker, Alternatives alternatives) : BreakerAttempt(breaker)
{
    public override Alternatives Alternatives => alternatives;

    /// <summary>The first attempt of a group, on behalf of all.</summary>
    public static bool IsFirstOf(BreakerAttempt attempt, Alternatives group) => group.Breakers[0] == attempt.Breaker;

    /// <summary>The message is a probe: it has to find out whether the dependency is back.</summary>
    public static bool IsProbe(BreakerAttempt attempt) => attempt is { Permit.IsProbe: true, HoldsPermit: true, Breaker.ProbeLimit: not null };

    /// <summary>
    /// Takes a permit of each closed breaker, because the handler chooses among them. It also takes a probe of one half-open breaker, if one is
    /// available: while another dependency does all the work, nothing else would discover that this one is back. Only one, because the message
    /// will make one call.
    /// </summary>
    public static bool TryAcquireAny(ImmutableArray<BreakerAttempt> attempts, Alternatives group)
    {
        var isAdmitted = false;
        foreach (var attempt in attempts)
        {
            if (attempt.Alternatives != group)
                continue;
            if (attempt.Breaker.AdmitsAll)
                isAdmitted |= attempt.TryAcquire();
            else if (!IsProbe(attempt))
                attempt.Skip();
        }

        return Find(attempts, group, IsProbe) is not null
            || Find(attempts, group, attempt => !HasFailedAsProbe(attempt) && TryProbe(attempt)) is not null
            || isAdmitted
            || Find(attempts, group, TryProbe) is not null;
    }

    /// <summary>As <see cref="BreakerAttempt.TryBegin"/>, for a run that is refused only if all refuse.</summary>
    public static bool TryBeginAny(ImmutableArray<BreakerAttempt> attempts, Alternatives group)
    {
        if (Find(attempts, group, attempt => attempt.HoldsPermit) is not null || TryAcquireAny(attempts, group))
            return true;
        var hasBegun = false;
        foreach (var attempt in attempts)
            hasBegun |= attempt.Alternatives == group && attempt.TryBegin();
        return hasBegun;
    }

    /// <summary>
    /// Whether the message can go to a dependency of the group other than the one it failed to probe. Then it need not let others pass.
    /// </summary>
    public static bool HasOther(ImmutableArray<BreakerAttempt> attempts, BreakerAttempt than) =>
        than.Alternatives is { } group
        && (group.IsAnotherClosed(than.Breaker) || Find(attempts, group, attempt => attempt.Breaker.ProbeLimit is not null && !HasFailedAsProbe(attempt)) is not null);

    /// <summary>
    /// The attempts that the run was involved in. If the run called none of a group and did not ask which to call, this is the one it would
    /// have been given: a handler that fails before its call, for example because it cannot read the message, fails on the way to that
    /// dependency.
    /// </summary>
    public static ImmutableArray<BreakerAttempt> UsedOf(ImmutableArray<BreakerAttempt> attempts)
    {
        if (!HasAny(attempts))
            return attempts;
        var used = attempts.RemoveAll(attempt => !attempt.IsUsed);
        foreach (var attempt in attempts)
            if (attempt.Alternatives is { } group && IsFirstOf(attempt, group) && Find(used, group, _ => true) is null)
                used = used.Add(Find(attempts, group, IsProbe) ?? Find(attempts, group, other => other.Breaker.AdmitsAll) ?? attempt);
        return used;
    }

    static bool HasAny(ImmutableArray<BreakerAttempt> attempts)
    {
        foreach (var attempt in attempts)
            if (attempt.Alternatives is not null)
                return true;
        return false;
    }

    static bool TryProbe(BreakerAttempt attempt) => attempt.Breaker.ProbeLimit is not null && attempt.TryAcquire();

    static bool HasFailedAsProbe(BreakerAttempt attempt) => attempt.History is { FailedRounds: > 0 };

    static BreakerAttempt? Find(ImmutableArray<BreakerAttempt> attempts, Alternatives group, Func<BreakerAttempt, bool> condition)
    {
        foreach (var attempt in attempts)
            if (attempt.Alternatives == group && condition(attempt))
                return attempt;
        return null;
    }
}
