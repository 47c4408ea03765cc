using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Outages;

public class RampTests(BrokerFixture broker)
{
    const int Waiting = 50_000;
    const int HandledInNeed = 4_000;

    [Fact]
    public async Task The_backlog_does_not_overload_a_dependency_that_bears_only_ten_calls_at_once()
    {
        var service = new FragileService();
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (test, _, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = 200;
            endpoint.UseBreaker("first");
            endpoint.Handler<Work>(async message =>
            {
                await service.CallAsync();
                await test.Dependency.CallAsync(message.Message.Number, message.CancellationToken);
            });
        }));
        worker.Breaker.Isolate("test");
        for (var sent = 0; sent < Waiting; sent += 1_000)
            await worker.SendAsync(sent, 1_000);

        worker.Breaker.Release("test");
        await Eventually.Is(
            () => worker.Dependency.Handled, handled => handled >= HandledInNeed, "four hundred rounds to be handled", TimeSpan.FromMinutes(3));
        Assert.Equal(0, worker.Trips);
        Assert.Equal(0, service.Falls);
        Assert.InRange(service.MostAtOnce, 4, FragileService.FallsOverAt - 1);

        service.IsGrown = true;
        await Eventually.Is(() => worker.Dependency.Handled, handled => handled == Waiting, "the backlog to be handled", TimeSpan.FromMinutes(3));
        Assert.Equal(0, worker.Trips);
        Assert.InRange(service.MostAtOnce, 2 * FragileService.FallsOverAt, int.MaxValue);
        await worker.AssertNothingDeadLetteredAsync();
    }

    /// <summary>
    /// Up to ten calls at once take 150 ms each; more take longer. At twenty it falls over, and all calls fail until none is left. Once
    /// it has grown, it bears any load and is quick.
    /// </summary>
    sealed class FragileService
    {
        public const int FallsOverAt = 20;
        const int Bears = 10;

        // Long compared with clock ticks and with what a busy machine adds, so that differences in duration are visible.
        const double AloneMilliseconds = 150;
        const double GrownMilliseconds = 30;

        readonly Lock _lock = new();
        int _calls;
        bool _isDown;

        public bool IsGrown { get; set; }

        public int MostAtOnce { get; private set; }

        public int Falls { get; private set; }

        public async Task CallAsync()
        {
            int load;
            lock (_lock)
            {
                load = ++_calls;
                MostAtOnce = Math.Max(MostAtOnce, load);
                if (load >= FallsOverAt && !_isDown && !IsGrown)
                    (_isDown, Falls) = (true, Falls + 1);
            }

            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(IsGrown ? GrownMilliseconds : AloneMilliseconds * Math.Max(1, load / (double)Bears)));
                if (_isDown)
                    throw new IOException("The service has fallen over.");
            }
            finally
            {
                lock (_lock)
                    if (--_calls == 0)
                        _isDown = false;
            }
        }
    }
}
