using System.Globalization;

namespace Belljar.Detection.Tests.Recall;

/// <summary>The honest lines around secrets: code, prose, numbers, and what merely looks random.</summary>
internal static class Filler
{
    public static string Beginning(FileKind kind) => kind switch
    {
        FileKind.CSharp => "using System;\n\nnamespace Acme.Billing;\n\npublic sealed class Invoices\n{\n",
        FileKind.Java => "package example.acme.billing;\n\nimport java.util.List;\n\npublic final class Invoices {\n",
        FileKind.Go => "package billing\n\nimport (\n\t\"context\"\n\t\"net/http\"\n)\n\nfunc New() *Client {\n",
        FileKind.Python => "import os\nimport requests\n\nfrom billing.models import Invoice\n\n",
        FileKind.JavaScript => "import { createClient } from './client.js';\n\n",
        FileKind.Ruby => "require 'net/http'\n\nAcme.configure do |config|\n",
        FileKind.Php => "<?php\n\nreturn [\n",
        FileKind.Rust => "use std::collections::HashMap;\n\nimpl Invoices {\n",
        FileKind.Shell => "#!/bin/sh\nset -eu\n\n",
        FileKind.Yaml => "version: 2\nservice:\n",
        FileKind.Kubernetes => "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - image: registry.acme7.example/app:1.4\n        env:\n",
        FileKind.Json => "{\n  \"service\": {\n",
        FileKind.Notebook => "{\n \"cells\": [{\n  \"cell_type\": \"code\",\n  \"source\": [\n",
        FileKind.MinifiedJavaScript => "!function(e,t){\"use strict\";var n=t(17),r=function(e){return e&&e.__esModule?e:{default:e}}(n);e.exports={",
        FileKind.Diff => "diff --git a/app/settings.py b/app/settings.py\nindex 3b18e51..9f2c0aa 100644\n--- a/app/settings.py\n+++ b/app/settings.py\n@@ -12,6 +12,18 @@ import os\n",
        FileKind.Html => "<!doctype html>\n<html><head><title>Settings</title></head><body>\n<table>\n",
        FileKind.Csv => "id,name,value,changed\n",
        FileKind.Markdown => "# Running it\n\n",
        FileKind.Terraform => "terraform {\n  required_version = \">= 1.9\"\n}\n\nmodule \"app\" {\n",
        _ => "# written by the installer\n",
    };

    public static string End(FileKind kind) => kind switch
    {
        FileKind.CSharp or FileKind.Java or FileKind.Go or FileKind.Rust or FileKind.Terraform => "}\n",
        FileKind.Ruby => "end\n",
        FileKind.Php => "];\n",
        FileKind.Json => "    \"last\": true\n  }\n}\n",
        FileKind.Notebook => "   \"print('done')\"\n  ]\n }]\n}\n",
        FileKind.MinifiedJavaScript => "z:0}}(module,require);",
        FileKind.Html => "</table>\n</body></html>\n",
        _ => "",
    };

    public static string Line(FileKind kind, Random random) => kind switch
    {
        FileKind.CSharp => Pick(random, "    public decimal Total { get; init; }\n", "    // Rounded half to even, as the tax office wants it.\n", $"    private static readonly Guid Tenant = new(\"{Uuid(random)}\");\n", "    var token = await tokens.GetAsync(ct);\n"),
        FileKind.Java => Pick(random, "    private final List<Invoice> invoices;\n", "    @Override\n", $"    private static final long serialVersionUID = {random.NextInt64()}L;\n", "    String password = request.getParameter(\"password\");\n"),
        FileKind.Go => Pick(random, "\tif err != nil {\n\t\treturn nil, err\n\t}\n", "\tpassword := os.Getenv(\"DB_PASSWORD\")\n", $"\tconst commit = \"{Hex(40, random)}\"\n"),
        FileKind.Python => Pick(random, "def total(invoice):\n    return sum(line.amount for line in invoice.lines)\n", "API_TOKEN = os.environ[\"API_TOKEN\"]\n", $"CHECKSUM = \"sha256:{Hex(64, random)}\"\n"),
        FileKind.JavaScript => Pick(random, "export const total = (lines) => lines.reduce((sum, line) => sum + line.amount, 0);\n", "const token = process.env.API_TOKEN;\n", $"// release {Hex(7, random)}\n"),
        FileKind.Ruby => Pick(random, "  config.retries = 3\n", "  config.password = ENV.fetch('DB_PASSWORD')\n", "  # see the manual\n"),
        FileKind.Php => Pick(random, "    'timeout' => 30,\n", "    'password' => env('DB_PASSWORD'),\n", "    // seconds\n"),
        FileKind.Rust => Pick(random, "    pub fn total(&self) -> u64 { self.lines.iter().map(|l| l.amount).sum() }\n", $"    // {Uuid(random)}\n"),
        FileKind.Shell => Pick(random, "cd \"$(dirname \"$0\")\"\n", "echo \"using $API_TOKEN\" >&2\n", "curl -fsS -H \"Authorization: Bearer ${TOKEN}\" https://api.acme7.example/health\n"),
        FileKind.Env => Pick(random, "LOG_LEVEL=info\n", "PORT=8080\n", "DB_PASSWORD=${DB_PASSWORD_FROM_VAULT}\n", "# secrets\n"),
        FileKind.Yaml => Pick(random, "  retries: 3\n", "  image: registry.acme7.example/app@sha256:" + Hex(64, random) + "\n", "  password: ${DB_PASSWORD}\n"),
        FileKind.Kubernetes => Pick(random, "        - name: LOG_LEVEL\n          value: info\n", "        - name: DB_PASSWORD\n          valueFrom:\n            secretKeyRef:\n              name: db\n              key: password\n"),
        FileKind.Json => Pick(random, "    \"retries\": 3,\n", $"    \"id\": \"{Uuid(random)}\",\n", $"    \"integrity\": \"sha512-{Convert.ToBase64String(TokenMakers.Bytes(64, random))}\",\n"),
        FileKind.Notebook => Pick(random, "    \"import pandas as pd\\n\",\n", "    \"df = pd.read_csv('invoices.csv')\\n\",\n"),
        FileKind.Log => $"2026-11-{random.Next(10, 29)}T08:15:{random.Next(10, 60)}.{random.Next(100, 999)}Z INFO request {Uuid(random)} GET /v1/invoices/{random.Next(9999)} 200 {random.Next(99)}ms\n",
        FileKind.MinifiedJavaScript => Pick(random, "a:function(e){return r.default.createElement(\"div\",{className:\"row\"},e.children)},", "b:[1,2,3].map((function(e){return e*t})),"),
        FileKind.Diff => Pick(random, " import requests\n", "-TIMEOUT = 10\n+TIMEOUT = 30\n", " \n"),
        FileKind.Html => Pick(random, "  <tr><td>retries</td><td>3</td></tr>\n", "  <tr><td>password</td><td>********</td></tr>\n"),
        FileKind.Csv => $"{random.Next(1000)},retries,{random.Next(9)},2026-01-11\n",
        FileKind.Markdown => Pick(random, "The service reads its settings from the environment.\n\n", "Ask the operator for a password.\n\n"),
        FileKind.Terraform => Pick(random, "  region = \"eu-central-1\"\n", "  password = var.db_password\n"),
        FileKind.Properties => Pick(random, "server.port=8080\n", "spring.datasource.password=${DB_PASSWORD}\n"),
        _ => Pick(random, "retries = 3\n", "timeout = 30\n"),
    };

    public static string Hex(int length, Random random) => random.Pick(Alphabets.ByName["hex"], length);

    public static string Uuid(Random random) => new Guid(TokenMakers.Bytes(16, random)).ToString("D", CultureInfo.InvariantCulture);

    private static string Pick(Random random, params string[] lines) => lines[random.Next(lines.Length)];
}
