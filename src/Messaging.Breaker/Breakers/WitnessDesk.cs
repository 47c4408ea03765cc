namespace Messaging.Breaker.Breakers;

/// <summary>Where failing messages wait for their witnesses. Costs a success one read while nobody waits.</summary>
sealed class WitnessDesk
{
    readonly Lock _lock = new();
    readonly List<Witness> _awaited = [];
    volatile bool _isAwaited;

    public Witness Await(long failedAt, int wanted)
    {
        var witness = new Witness(failedAt, wanted);
        lock (_lock)
        {
            _awaited.Add(witness);
            _isAwaited = true;
        }

        return witness;
    }

    public void Dismiss(Witness witness)
    {
        lock (_lock)
        {
            _awaited.Remove(witness);
            _isAwaited = _awaited.Count > 0;
        }
    }

    public void Testify(long startedAt)
    {
        if (_isAwaited)
            TestifyToAll(startedAt);
    }

    void TestifyToAll(long startedAt)
    {
        lock (_lock)
        {
            _awaited.RemoveAll(witness => !witness.Hear(startedAt));
            _isAwaited = _awaited.Count > 0;
        }
    }
}
