namespace Messaging.Breaker.Benchmarks.Ramping;

/// <summary>The queue in which all messages wait at first.</summary>
sealed class Backlog(int messages)
{
    int _left = messages;
    int _underWay;

    public bool IsEmpty => _left == 0;

    public bool TryTake()
    {
        if (_underWay >= _left)
            return false;
        _underWay++;
        return true;
    }

    public void GiveBack() => _underWay--;

    public void Finish()
    {
        _underWay--;
        _left--;
    }
}
