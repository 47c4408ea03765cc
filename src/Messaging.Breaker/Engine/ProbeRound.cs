namespace Messaging.Breaker.Engine;

/// <summary>The permits of one HalfOpen: how many were issued, which are in use, and how they ended. Under the engine's lock.</summary>
sealed class ProbeRound(BreakerSettings settings)
{
    readonly List<(int Slot, long Since)> _out = [];
    int _nextSlot;

    public int Successes { get; private set; }

    public int Failures { get; private set; }

    public bool HasSucceeded => Successes >= settings.RequiredProbes;

    public bool HasFailed => Failures > settings.Probes - settings.RequiredProbes;

    /// <summary>How many more permits may be issued now.</summary>
    public int Free => Math.Max(0, Math.Min(settings.ProbeConcurrency, settings.Probes - Successes - Failures) - _out.Count);

    /// <summary>When the oldest running probe will have hung for too long.</summary>
    public long? Deadline => _out.Count > 0 ? _out[0].Since + settings.ProbeTimeout : null;

    public WindowSnapshot Snapshot => new(Successes + Failures, Failures, 0);

    public bool TryTake(long now, out int slot)
    {
        slot = _nextSlot;
        if (Free == 0)
            return false;
        _nextSlot++;
        _out.Add((slot, now));
        return true;
    }

    /// <summary>False if the permit was taken back before.</summary>
    public bool GiveBack(int slot) => _out.RemoveAll(probe => probe.Slot == slot) > 0;

    public bool Complete(int slot, bool succeeded)
    {
        if (!GiveBack(slot))
            return false;
        if (succeeded)
            Successes++;
        else
            Failures++;
        return true;
    }

    /// <summary>Takes back the permits of hanging probes; each counts as failed.</summary>
    public int TakeBackHung(long now)
    {
        var hung = _out.RemoveAll(probe => now - probe.Since >= settings.ProbeTimeout);
        Failures += hung;
        return hung;
    }
}
