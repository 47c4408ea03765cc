using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OutageDrill.Runs;
using OutageDrill.Scenarios;

namespace OutageDrill.Dependency;

/// <summary>The dependency. It is up or in trouble according to its timeline, and records each call.</summary>
sealed class DependencyServer : IAsyncDisposable
{
    static readonly TimeSpan FailureLatency = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan SlowLatency = TimeSpan.FromSeconds(1);

    readonly ConcurrentQueue<DependencyCall> _calls = new();
    readonly ConcurrentBag<Wire> _wires = [];
    readonly SemaphoreSlim _ready = new(0);
    readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    readonly DrillClock _clock;
    readonly Timeline _timeline;
    readonly Task _accepting;
    int _sequence;
    int _warmUpCalls;

    public DependencyServer(DrillClock clock, Timeline timeline)
    {
        (_clock, _timeline) = (clock, timeline);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The calls in the order of their end, without those of the warm-up.</summary>
    public IReadOnlyCollection<DependencyCall> Calls => _calls;

    public int WarmUpCalls => Volatile.Read(ref _warmUpCalls);

    /// <summary>Waits until a worker consumes.</summary>
    public Task WaitForWorkerAsync(CancellationToken cancellationToken) => _ready.WaitAsync(cancellationToken);

    public void StopWorkers()
    {
        foreach (var wire in _wires)
            TrySend(wire, Wire.Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var wire in _wires)
            wire.Dispose();
        _ready.Dispose();
    }

    static void TrySend(Wire wire, Frame frame)
    {
        try
        {
            wire.Send(frame);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The worker has gone and no longer waits for the answer.
        }
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                socket.NoDelay = true;
                var wire = new Wire(socket);
                _wires.Add(wire);
                _ = ServeAsync(wire);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed: nobody will call any more.
        }
    }

    async Task ServeAsync(Wire wire)
    {
        await foreach (var frame in wire.ReceiveAsync())
        {
            if (frame == Wire.Ready)
                _ready.Release();
            else
                _ = AnswerAsync(wire, frame);
        }
    }

    async Task AnswerAsync(Wire wire, Frame call)
    {
        var began = _clock.Now;
        var condition = _timeline.At(began);
        var succeeds = condition switch
        {
            Condition.Down => false,
            Condition.HalfDead => Interlocked.Increment(ref _sequence) % 3 != 0,
            _ => true,
        };
        var latency = condition switch
        {
            Condition.Held => _timeline.RestAt(began) + Scenario.Latency,
            Condition.Slow => SlowLatency,
            _ => succeeds ? Scenario.Latency : FailureLatency,
        };
        await Task.Delay(latency);
        if (call.Value < 0)
            Interlocked.Increment(ref _warmUpCalls);
        else
            _calls.Enqueue(new DependencyCall(call.Value, began, _clock.Now, condition, succeeds));
        TrySend(wire, new Frame(call.Call, succeeds ? 1 : 0));
    }
}
