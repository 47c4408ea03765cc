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
        var secondPayments = options.Create("--second-payments", "A second region of it, called while the first is down", ValueRules.HttpAddress, null);
        var byMerchant = options.CreateFlag("--by-merchant", "A breaker for each merchant whose orders they are, so that the account of one may be down");
        var paymentsTimeout = options.Create(
            "--payments-timeout", "How long a call to it may take, in seconds", ValueRules.Decimal(0.1, 300), Defaults.PaymentsTimeout.TotalSeconds);
        var mail = options.Create("--mail", "The mail service; without it, one of the worker's own", ValueRules.HttpAddress, null);
        var queueType = options.Create("--queue-type", "The type of the queues", ValueRules.OneOf(QueueType.Classic, QueueType.Quorum), Defaults.QueueType);
        var deliveryLimit = options.Create("--delivery-limit", "x-delivery-limit of a quorum queue", ValueRules.OptionalNumber(1, 1_000), null);
        var queuePrefix = options.Create("--queue-prefix", "Before the names of the queues and of the orders' exchange", ValueRules.QueuePrefix, null);
        var prefetch = options.Create("--prefetch", "Orders at once", ValueRules.Number(1, 1_000), Defaults.Prefetch);
        var settings = options.Create("--settings", "More configuration, read again whenever it changes", ValueRules.JsonSettings, null);
        var share = options.Create("--share", "Where the workers of a fleet share the state of their breakers", ValueRules.Store, null);
        var holdUntilKnown = new Option<bool>("--hold-until-known") { Description = "Handle no order before that store has said that the fleet's queues are not held" };
        var report = options.Create("--report", "Where each transition of a breaker is posted", ValueRules.HttpAddress, null);
        var endWithInput = new Option<bool>("--end-with-input") { Description = "End when the standard input does: the worker does not outlive its parent" };
        var urls = options.Create(
            "--urls", "Where /health, /metrics and the page /breakers are served; port 0 for a free one", ValueRules.ListenAddress, Defaults.Urls);

        var command = new Command("worker", "Charges orders and sends receipts.")
        {
            broker, payments, secondPayments, byMerchant, paymentsTimeout, mail, queueType, deliveryLimit, queuePrefix, prefetch, settings, share, holdUntilKnown, report, endWithInput, urls,
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
        var urls = options.Create("--urls", "Where it listens", ValueRules.ListenAddress, new Uri("http://127.0.0.1:5080"));
        var command = new Command("payments", "The payments service: POST /charges, PUT /mode, GET /figures, GET /health.") { urls };
        command.SetAction((result, stop) => PaymentsRole.RunAsync(result.GetValue(urls)!, stop));
        return command;
    }

    public static Command BuildProducer(OptionFactory options)
    {
        var broker = Broker(options);
        var rate = options.Create("--rate", "How many orders a second", ValueRules.Number(1, 10_000), 20);
        var messages = options.Create("--messages", "How many orders; without it, Ctrl+C ends it", ValueRules.OptionalNumber(1, 1_000_000_000), null);
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
        var command = new Command("health", "Asks a role for its health; exit code 0 if it is well. For container health checks.") { address };
        command.SetAction((result, stop) => HealthRole.RunAsync(result.GetValue(address)!, stop));
        return command;
    }

    static Option<BrokerAddress?> Broker(OptionFactory options) =>
        options.Create("--broker", "The RabbitMQ broker", ValueRules.Broker, BrokerAddress.Default);
}
