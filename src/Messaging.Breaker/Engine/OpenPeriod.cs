namespace Messaging.Breaker.Engine;

/// <summary>When the current break or isolation ends; in any other state, never. Protected by the engine's lock.</summary>
sealed class OpenPeriod
{
    const long Never = long.MaxValue;

    long _until = Never;
    long _notBefore = Never;

    /// <summary>How long the end waits for the fleet's permission to probe.</summary>
    public long Grace { get; set; }

    /// <summary>When it ends; null for never.</summary>
    public long? Until => _until == Never ? null : _until;

    /// <summary>When it ends if the fleet gives no permission; null for never.</summary>
    public long? Deadline => After(_until, Grace) is < Never and var deadline ? deadline : null;

    /// <summary><paramref name="now"/> plus <paramref name="length"/>, or <see cref="Never"/> if that is beyond the end of the clock.</summary>
    public static long After(long now, long length) => length < Never - now ? now + length : Never;

    public bool IsOver(long now) => now >= After(_until, Grace);

    /// <summary>Whether a successful active probe may end the period now.</summary>
    public bool MayEndEarly(long now) => now >= _notBefore;

    /// <summary>Starts a new period. No active probe can end it early until <see cref="AllowEarlyEnd"/> is called.</summary>
    public void Begin(long? until) => _until = _notBefore = until ?? Never;

    public void Prolong(long? until) => _until = until ?? Never;

    /// <summary>Lets an active probe end the period from that time on; null for not before its regular end.</summary>
    public void AllowEarlyEnd(long? from) => _notBefore = from ?? _until;
}
