using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace SampleWorkers.CommandLine;

static class SampleCommands
{
    public static RootCommand Build(IConfiguration configuration)
    {
        var options = new OptionFactory(configuration);
        return new RootCommand(
            "A small shop with circuit breakers. Without a command, it runs a live demo in this process. "
            + "Every option can also be set by configuration, as Sample:QueueType in appsettings.json or Sample__QueueType in the environment.")
        {
            DrillArguments.Build(options),
            RoleArguments.BuildWorker(options),
            RoleArguments.BuildPayments(options),
            RoleArguments.BuildProducer(options),
            RoleArguments.BuildHealth(),
            DeadLetterArguments.BuildErrors(options),
            DeadLetterArguments.BuildRedrive(options),
        }.WithDemo(options);
    }
}
