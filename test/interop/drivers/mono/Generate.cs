using System;
using System.CodeDom;
using System.IO;
using System.Web.Services.Description;
using Microsoft.CSharp;

/// <summary>Writes the class that Mono's importer makes of a service description, as its tool "wsdl" does.</summary>
static class Generate {
	static void Main(string[] arguments) {
		var importer = new ServiceDescriptionImporter { ProtocolName = "Soap", Style = ServiceDescriptionImportStyle.Client };
		importer.AddServiceDescription(ServiceDescription.Read(arguments[0]), "", "");
		var code = new CodeNamespace("Mm7");
		var unit = new CodeCompileUnit();
		unit.Namespaces.Add(code);
		var warnings = importer.Import(code, unit);
		if (warnings != 0) throw new Exception(warnings.ToString());
		using (var file = new StreamWriter(arguments[1])) new CSharpCodeProvider().GenerateCodeFromCompileUnit(unit, file, null);
	}
}
