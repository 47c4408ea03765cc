using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Benchmarks.Ramping;

/// <summary>
/// A worker with the breaker's own engine and ramp, or without them if <c>isGuarded</c> is false. Failed messages go back to the backlog.
/// </summary>
sealed class SimulatedWorker
{
    readonly Simulation _simulation;
    readonly Backlog _backlog;
    readonly Dependency _dependency;
    readonly int _prefetch;
    readonly int _instances;
    readonly BreakerEngine? _engine;
    readonly RampMemory _memory = new(Simulation.Second);
    readonly Queue<TaskCompletionSource<int>> _waiting = new();
    Ramp? _ramp;
    int _held;

    public SimulatedWorker(Simulation simulation, Backlog backlog, Dependency dependency, int prefetch, int instances, bool isGuarded)
    {
        (_simulation, _backlog, _dependency, _prefetch, _instances) = (simulation, backlog, dependency, prefetch, instances);
        if (!isGuarded)
            return;
        _engine = new BreakerEngine(
            new BreakerOptions().ToSettings(Simulation.Second), BreakerMode.Enforcing, 0, simulation.Random, OnChange);
        _engine.Isolate("the outage", null, 0);
        _engine.Release("it is over", 0);
    }

    public int Trips { get; private set; }

    public void Pump()
    {
        if (_engine is { State: BreakerState.Open, Deadline: { } end })
            _simulation.At(end, () =>
            {
                _engine.Advance(_simulation.Now);
                Pump();
            });
        else
            while (_held < (_engine?.State == BreakerState.HalfOpen ? 3 : _prefetch) && _backlog.TryTake() && TryHandle())
            {
            }

        CallWhoMayGo();
    }

    bool TryHandle()
    {
        _held++;
        if (_ramp is not { IsOver: false } ramp)
            return TryCall(null, 0);
        _waiting.Enqueue(ramp.Enter(_simulation.Now));
        return true;
    }

    void CallWhoMayGo()
    {
        while (_waiting.TryPeek(out var next) && next.Task.IsCompleted)
            TryCall(_ramp, _waiting.Dequeue().Task.Result);
    }

    bool TryCall(Ramp? ramp, int load)
    {
        var permit = _engine?.TryAcquire(_simulation.Now) ?? default;
        if (_engine is not null && !permit.IsGranted)
        {
            ramp?.Exit(Outcome.Ignored, load, 0, _simulation.Now);
            _held--;
            _backlog.GiveBack();
            return false;
        }

        var startedAt = _simulation.Now;
        _dependency.Call(isGood =>
        {
            var (outcome, elapsed) = (isGood ? Outcome.Success : Outcome.Failure, _simulation.Now - startedAt);
            _engine?.Record(permit, outcome, elapsed, _simulation.Now);
            ramp?.Exit(outcome, load, elapsed, _simulation.Now);
            _held--;
            if (isGood)
                _backlog.Finish();
            else
                _backlog.GiveBack();
            Pump();
        });
        return true;
    }

    void OnChange(StateChange change)
    {
        if (change.From == BreakerState.Closed && change.To == BreakerState.Open)
            Trips++;
        _ramp?.End();
        CallWhoMayGo();
        _ramp = change.To == BreakerState.Closed
            ? new Ramp(new RampLimit(Math.Max(1, 3 / _instances), _memory, _instances, Simulation.Second, change.At), 10 * Simulation.Second, change.At)
            : null;
    }
}
