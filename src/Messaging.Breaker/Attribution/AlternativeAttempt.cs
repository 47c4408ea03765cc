using System.Collections.Immutable;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// A message's attempt on one of several breakers of which one is enough. The message has one attempt on each, and they are asked together: it is
/// admitted if any of them grants a permit.
/// </summary>
sealed class AlternativeAttempt(CircuitBreaker breaker, Alternatives alternatives) : BreakerAttempt(breaker)
{
    public override Alternatives Alternatives => alternatives;

    /// <summary>Of the attempts of a group the first, on behalf of all.</summary>
    public static bool IsFirstOf(BreakerAttempt attempt, Alternatives group) => group.Breakers[0] == attempt.Breaker;

    /// <summary>The message is to find out whether the dependency is back.</summary>
    public static bool IsProbe(BreakerAttempt attempt) => attempt is { Permit.IsProbe: true, HoldsPermit: true, Breaker.ProbeLimit: not null };

    /// <summary>
    /// A permit of each that is closed, since it is the handler that chooses; and beside these a probe of one that is half-open, if there is one to be
    /// had: while another does all the work, nobody else would find out that it is back. One, since the message will make one call.
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

    /// <summary>As <see cref="BreakerAttempt.TryBegin"/>, for a run that may be refused only if all refuse.</summary>
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
    /// Whether the message could go to another of the group than one that it has failed to probe: then nobody has to be let pass.
    /// </summary>
    public static bool HasOther(ImmutableArray<BreakerAttempt> attempts, BreakerAttempt than) =>
        than.Alternatives is { } group
        && (group.IsAnotherClosed(than.Breaker) || Find(attempts, group, attempt => attempt.Breaker.ProbeLimit is not null && !HasFailedAsProbe(attempt)) is not null);

    /// <summary>
    /// The attempts that the run had to do with. If it called none of a group, and did not ask which to call, the one is meant that it would have been
    /// told: a handler that fails before its call, as by a message that it cannot read, fails on the way there.
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
