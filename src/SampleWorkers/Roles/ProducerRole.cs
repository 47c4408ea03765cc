using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SampleWorkers.CommandLine;
using SampleWorkers.Transport;

namespace SampleWorkers.Roles;

static class ProducerRole
{
    public static async Task<int> RunAsync(BrokerAddress broker, int rate, int? messages, CancellationToken stop)
    {
        await BrokerConnection.EnsureReachableAsync(broker, stop);

        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddMassTransit(bus => bus.UseTransport(broker));
        builder.Services.AddHostedService(services => new OrderProducer(
            services.GetRequiredService<IBus>(),
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILogger<OrderProducer>>(),
            rate,
            messages));

        using var producer = builder.Build();
        await producer.RunAsync(stop);
        return ExitCode.Success;
    }
}
