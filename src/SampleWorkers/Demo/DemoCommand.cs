using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SampleWorkers.CommandLine;
using SampleWorkers.Hosting;
using SampleWorkers.Mail;
using SampleWorkers.Payments;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Demo;

/// <summary>The whole shop in one process, its payments service failing and recovering, until Ctrl+C.</summary>
static class DemoCommand
{
    const int OrdersPerSecond = 40;

    public static async Task<int> RunAsync(TimeSpan? duration, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (duration is { } bound)
            ending.CancelAfter(bound);

        var journal = new DemoJournal();
        var payments = new PaymentsService();
        await using var paymentsServer = await LoopbackServer.StartAsync(web => web.MapPayments(payments), CancellationToken.None);
        await using var mailServer = await LoopbackServer.StartAsync(web => web.MapMail(), CancellationToken.None);

        var ledger = new CountingLedger();
        var deadLetters = new InMemoryDeadLetters("charge-order");
        var queues = new DemoQueues("charge-order", [Dependencies.Payments]);
        using var host = BuildWorker(paymentsServer.Address, mailServer.Address, ledger, deadLetters, journal, queues);
        var shop = new DemoShop(payments, ledger, deadLetters, host.Services.GetRequiredService<IBreakerRegistry>(), journal);
        await host.StartAsync(CancellationToken.None);
        try
        {
            journal.Add($"the dashboard page: {host.FindPage()}");
            var bus = host.Services.GetRequiredService<IBus>();
            await Task.WhenAll(
                WhileRunning(() => shop.PlaceOrdersAsync(bus, OrdersPerSecond, ending.Token), ending.Token),
                WhileRunning(() => shop.RecordTransitionsAsync(ending.Token), ending.Token),
                WhileRunning(() => DemoScript.RunAsync(payments, journal, ending.Token), ending.Token),
                WhileRunning(() => shop.ObserveQueuesAsync(queues, ending.Token), ending.Token),
                WhileRunning(() => DemoView.ShowAsync(shop, journal, host.FindPage(), ending.Token), ending.Token));
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
        return ExitCode.Success;
    }

    static IHost BuildWorker(
        Uri payments, Uri mail, CountingLedger ledger, InMemoryDeadLetters deadLetters, DemoJournal journal, DemoQueues queues) =>
        WorkerHost.Build(WorkerHost.UsualPage, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(journal);
            builder.Services.AddSingleton<IQueueMonitor>(queues);
            builder.Services.AddShop(
                new ShopSettings { Payments = payments, Mail = mail, PaymentsBreaker = (options, _) => ConfigureBreaker(options) },
                ledger,
                deadLetters.Configure);
        });

    /// <summary>Shorter breaks than the defaults, so that there is something to watch.</summary>
    static void ConfigureBreaker(BreakerOptions options)
    {
        options.BreakDuration = TimeSpan.FromSeconds(2);
        options.MaxBreakDuration = TimeSpan.FromSeconds(4);
        options.SlowCallDuration = TimeSpan.FromMilliseconds(500);
        options.SlowCallRatio = 0.5;
    }

    static async Task WhileRunning(Func<Task> part, CancellationToken ending)
    {
        try
        {
            await part();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
    }
}
