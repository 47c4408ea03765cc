using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers;

/// <summary>The ramps of one breaker, one at a time, and what each has learnt for the next. Thread-safe.</summary>
sealed class BreakerRamp(long second)
{
    volatile Ramp? _ramp;
    volatile RampMemory _memory = new(second);

    /// <summary>The current ramp; null when calls are not limited.</summary>
    public Ramp? Current
    {
        get
        {
            if (_ramp is { IsOver: true })
                _ramp = null;
            return _ramp;
        }
    }

    /// <summary>Begins a ramp after probes have succeeded.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="instances">The number of live instances in the fleet. Each begins with its share.</param>
    /// <param name="now">The time.</param>
    public void Begin(BreakerSettings settings, int instances, long now)
    {
        var start = Math.Max(1, settings.Probes / instances);
        Replace(new Ramp(new RampLimit(start, _memory, instances, second, now), settings.Sampling, now));
    }

    public void End() => Replace(null);

    /// <summary>The options have changed, so what was learnt no longer applies.</summary>
    public void Forget() => _memory = new RampMemory(second);

    void Replace(Ramp? next)
    {
        var old = _ramp;
        _ramp = next;
        old?.End();
    }
}
