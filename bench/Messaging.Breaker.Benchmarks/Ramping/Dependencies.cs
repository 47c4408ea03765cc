namespace Messaging.Breaker.Benchmarks.Ramping;

/// <summary>A model of a dependency: it answers a call after a while, with success or failure.</summary>
abstract class Dependency(Simulation simulation)
{
    protected Simulation Simulation => simulation;

    protected int Load { get; private set; }

    public int Peak { get; private set; }

    public int Failures { get; private set; }

    public void Call(Action<bool> answer)
    {
        Peak = Math.Max(Peak, ++Load);
        Serve(isGood =>
        {
            Load--;
            if (!isGood)
                Failures++;
            answer(isGood);
        });
    }

    protected abstract void Serve(Action<bool> answer);
}

/// <summary>A fixed number of servers behind one queue, such as a pool of connections or threads.</summary>
class FixedServers(Simulation simulation, int servers, double time, double spread = 0.1) : Dependency(simulation)
{
    readonly PriorityQueue<int, double> _freeAt = new(Enumerable.Repeat((0, 0.0), servers));

    protected virtual double Slowness => 1;

    protected override void Serve(Action<bool> answer)
    {
        _freeAt.TryDequeue(out var server, out var freeAt);
        var end = Math.Max(freeAt, Simulation.Now) + time * Slowness * Simulation.Jitter(spread);
        _freeAt.Enqueue(server, end);
        Simulation.At((long)end, () => answer(true));
    }
}

/// <summary>Ten times as slow at first: its caches are empty and its code is not compiled.</summary>
sealed class ColdStart(Simulation simulation, int servers, double time, double warmUp) : FixedServers(simulation, servers, time)
{
    protected override double Slowness => Math.Max(1, 10 - 9 * Simulation.Now / warmUp);
}

/// <summary>Answers a fixed number of calls a second, however many wait.</summary>
sealed class FixedRate(Simulation simulation, double aSecond, double time) : Dependency(simulation)
{
    double _freeAt;

    protected override void Serve(Action<bool> answer)
    {
        _freeAt = Math.Max(_freeAt, Simulation.Now) + Simulation.Second / aSecond;
        Simulation.At((long)(_freeAt + time * Simulation.Jitter(0.1)), () => answer(true));
    }
}

/// <summary>Refuses at once the calls that are too many.</summary>
sealed class TurningAway(Simulation simulation, int bears, double time) : Dependency(simulation)
{
    protected override void Serve(Action<bool> answer)
    {
        var isGood = Load <= bears;
        Simulation.After(isGood ? time * Simulation.Jitter(0.1) : Simulation.Millisecond, () => answer(isGood));
    }
}

/// <summary>Slows down when it has more calls than room. With too many it fails, until it has been left alone for a while.</summary>
sealed class FallingOver(Simulation simulation, int room, int fallsAt, double time) : Dependency(simulation)
{
    bool _isDown;

    protected override void Serve(Action<bool> answer)
    {
        _isDown = Load >= fallsAt || (_isDown && Load > 1);
        Simulation.After(time * Math.Max(1, (double)Load / room) * Simulation.Jitter(0.02), () => answer(!_isDown));
    }
}

/// <summary>Fails a fixed share of the calls, whatever the load.</summary>
sealed class Failing(Simulation simulation, double share, double time) : Dependency(simulation)
{
    protected override void Serve(Action<bool> answer)
    {
        var isGood = Simulation.Random.NextDouble() >= share;
        Simulation.After(time * Simulation.Jitter(0.1), () => answer(isGood));
    }
}

/// <summary>
/// A dependency as seen from a worker on a busy machine: each answer is late by a random time, and now and then everything stands still.
/// </summary>
sealed class BusyMachine(Simulation simulation, Dependency inner, double late, double stall) : Dependency(simulation)
{
    const long BetweenStalls = 1 * Simulation.Second;

    long _stallsAt;
    long _stallsUntil;

    protected override void Serve(Action<bool> answer) => inner.Call(isGood =>
    {
        if (Simulation.Now >= _stallsAt)
        {
            _stallsUntil = _stallsAt + (long)(stall * Simulation.Random.NextDouble());
            _stallsAt = Simulation.Now + (long)(2 * BetweenStalls * Simulation.Random.NextDouble());
        }

        var lateness = -Math.Log(1 - Simulation.Random.NextDouble()) * late;
        Simulation.At(Math.Max(_stallsUntil, Simulation.Now + (long)lateness), () => answer(isGood));
    });
}
