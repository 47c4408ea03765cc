namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>Threads that repeatedly do the same work at the same time, without being started anew each time.</summary>
sealed class Crew : IDisposable
{
    readonly Action<int> _work;
    readonly Barrier _barrier;
    readonly List<Thread> _threads = [];
    volatile bool _isOver;

    public Crew(int size, Action<int> work)
    {
        _work = work;
        _barrier = new Barrier(size);
        for (var number = 1; number < size; number++)
            Hire(number);
    }

    /// <summary>Returns when every thread has done its work once; the caller is one of them.</summary>
    public void Run()
    {
        _barrier.SignalAndWait();
        _work(0);
        _barrier.SignalAndWait();
    }

    public void Dispose()
    {
        _isOver = true;
        _barrier.SignalAndWait();
        _threads.ForEach(thread => thread.Join());
        _barrier.Dispose();
    }

    void Hire(int number)
    {
        var thread = new Thread(() => Work(number)) { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
    }

    void Work(int number)
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_isOver)
                return;
            _work(number);
            _barrier.SignalAndWait();
        }
    }
}
