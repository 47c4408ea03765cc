using System.CommandLine;
using SampleWorkers.Roles;
using SampleWorkers.Transport;

namespace SampleWorkers.CommandLine;

static class RoleArguments
{
    static readonly WorkerSettings Defaults = new();

    public static Command BuildWorker(OptionFactory options)
    {
        var broker = Broker(options);
        var payments = options.Create("--payments", "The payments service", ValueRules.HttpAddress, Defaults.Payments);
        var secondPayments = options.Create("--second-payments", "Its second region, called while the first is down", ValueRules.HttpAddress, null);
        var byMerchant = options.CreateFlag("--by-merchant", "A separate breaker for each merchant, so that the account of one can be down while the others are served");
        var paymentsTimeout = options.Create(
            "--payments-timeout", "The timeout of a call to it, in seconds", ValueRules.Decimal(0.1, 300), Defaults.PaymentsTimeout.TotalSeconds);
        var mail = options.Create("--mail", "The mail service; by default one in the worker itself", ValueRules.HttpAddress, null);
        var queueType = options.Create("--queue-type", "The type of the queues", ValueRules.OneOf(QueueType.Classic, QueueType.Quorum), Defaults.QueueType);
        var deliveryLimit = options.Create("--delivery-limit", "x-delivery-limit of a quorum queue", ValueRules.OptionalNumber(1, 1_000), null);
        var singleActiveConsumer = options.CreateFlag("--single-active-consumer", "Only one worker at a time consumes each queue, which keeps its order");
        var queuePrefix = options.Create("--queue-prefix", "A prefix for the names of the queues and of the orders' exchange", ValueRules.QueuePrefix, null);
        var prefetch = options.Create("--prefetch", "How many orders at once", ValueRules.Number(1, 1_000), Defaults.Prefetch);
        var settings = options.Create("--settings", "More configuration, read again whenever it changes", ValueRules.JsonSettings, null);
        var share = options.Create("--share", "Where the workers of a fleet share the state of their breakers", ValueRules.Store, null);
        var holdUntilKnown = new Option<bool>("--hold-until-known") { Description = "Handle no orders until that store has said that the fleet does not hold the queues" };
        var report = options.Create("--report", "Where to post each transition of a breaker", ValueRules.HttpAddress, null);
        var endWithInput = new Option<bool>("--end-with-input") { Description = "End with standard input, so that the worker does not outlive its parent" };
        var urls = options.Create(
            "--urls", "Where to serve /health, /metrics and the page /breakers; port 0 for a free port", ValueRules.ListenAddress, Defaults.Urls);

        var command = new Command("worker", "Charges orders and sends receipts.")
        {
            broker, payments, secondPayments, byMerchant, paymentsTimeout, mail, queueType, deliveryLimit, singleActiveConsumer, queuePrefix, prefetch, settings, share, holdUntilKnown, report, endWithInput, urls,
        };
        command.SetAction((result, stop) =>
        {
            var worker = new WorkerSettings
            {
                Broker = result.GetValue(broker)!,
                Payments = result.GetValue(payments)!,
                SecondPayments = result.GetValue(secondPayments),
                ByMerchant = result.GetValue(byMerchant),
                PaymentsTimeout = TimeSpan.FromSeconds(result.GetValue(paymentsTimeout)),
                Mail = result.GetValue(mail),
                QueueType = result.GetValue(queueType),
                DeliveryLimit = result.GetValue(deliveryLimit),
                SingleActiveConsumer = result.GetValue(singleActiveConsumer),
                QueuePrefix = result.GetValue(queuePrefix),
                Prefetch = result.GetValue(prefetch),
                SettingsFile = result.GetValue(settings),
                Share = result.GetValue(share),
                HoldUntilKnown = result.GetValue(holdUntilKnown),
                Report = result.GetValue(report),
                EndWithInput = result.GetValue(endWithInput),
                Urls = result.GetValue(urls)!,
            };
            BadArgumentException.Require(!worker.ByMerchant || worker.SecondPayments is null, byMerchant, "one region of payments");
            BadArgumentException.Require(!worker.HoldUntilKnown || worker.Share is not null, holdUntilKnown, "--share");
            BadArgumentException.Require(worker.DeliveryLimit is null || worker.QueueType is QueueType.Quorum, deliveryLimit, "--queue-type quorum");
            return WorkerRole.RunAsync(worker, stop);
        });
        return command;
    }

    public static Command BuildPayments(OptionFactory options)
    {
        var urls = options.Create("--urls", "Where to listen", ValueRules.ListenAddress, new Uri("http://127.0.0.1:5080"));
        var command = new Command("payments", "The payments service: POST /charges, PUT /mode, GET /figures, GET /health.") { urls };
        command.SetAction((result, stop) => PaymentsRole.RunAsync(result.GetValue(urls)!, stop));
        return command;
    }

    public static Command BuildProducer(OptionFactory options)
    {
        var broker = Broker(options);
        var rate = options.Create("--rate", "How many orders per second", ValueRules.Number(1, 10_000), 20);
        var messages = options.Create("--messages", "How many orders; by default it runs until Ctrl+C", ValueRules.OptionalNumber(1, 1_000_000_000), null);
        var command = new Command("producer", "Places orders at a steady rate.") { broker, rate, messages };
        command.SetAction((result, stop) => ProducerRole.RunAsync(
            result.GetValue(broker)!, result.GetValue(rate), result.GetValue(messages), stop));
        return command;
    }

    public static Command BuildHealth()
    {
        var address = new Argument<Uri>("address")
        {
            Description = $"The address of a /health: {ValueRules.HttpAddress.Allowed}",
            CustomParser = result => OptionFactory.Convert(result, "address", ValueRules.HttpAddress, result.Tokens[0].Value)!,
        };
        var command = new Command("health", "Asks a role for its health; the exit code is 0 if it is healthy. For container health checks.") { address };
        command.SetAction((result, stop) => HealthRole.RunAsync(result.GetValue(address)!, stop));
        return command;
    }

    static Option<BrokerAddress?> Broker(OptionFactory options) =>
        options.Create("--broker", "The RabbitMQ broker", ValueRules.Broker, BrokerAddress.Default);
}
